public import AccessModel
public import ArgumentParser
public import Policies

/// Values of other modules that the command line can name.
extension PolicyFormat: ExpressibleByArgument {}
extension Partition: ExpressibleByArgument {}
