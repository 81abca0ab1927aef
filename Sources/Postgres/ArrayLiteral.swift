/// The text form of a one-dimensional PostgreSQL array, to be bound as one value.
///
/// https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
public func arrayLiteral(_ elements: some Sequence<String>) -> String {
  var literal = "{"
  for element in elements {
    if literal.utf8.count > 1 { literal += "," }
    literal += "\""
    for scalar in element.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { literal += "\\" }
      literal.unicodeScalars.append(scalar)
    }
    literal += "\""
  }
  return literal + "}"
}

/// The same for object numbers, which need no quotes.
public func oidArrayLiteral(_ numbers: some Sequence<UInt32>) -> String {
  "{\(numbers.map(String.init).joined(separator: ","))}"
}
