/// An error that the caller cures by calling differently or by changing a configuration file.
///
/// Commands end with exit status 64 for these, and with 1 for everything else. The description is the message:
/// what is wrong, in which place, and what to do next.
public protocol ConfigurationError: Error, CustomStringConvertible {}
