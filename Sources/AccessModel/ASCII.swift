/// Plain ASCII classes, independent of any locale: host names, regions and identifiers know no other letters.
extension UInt8 {
  /// `0`…`9`
  package var isASCIIDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }

  /// `a`…`z`
  package var isASCIILowercase: Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= self }

  /// `A`…`Z`
  package var isASCIIUppercase: Bool { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= self }

  /// A letter.
  package var isASCIILetter: Bool { isASCIILowercase || isASCIIUppercase }

  /// A letter or a digit.
  package var isASCIIAlphanumeric: Bool { isASCIIDigit || isASCIILowercase || isASCIIUppercase }
}
