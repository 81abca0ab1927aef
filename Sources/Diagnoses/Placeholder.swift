enum DiagnosesPlaceholder {}
