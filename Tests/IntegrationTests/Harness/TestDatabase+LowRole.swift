extension TestDatabase {
  /// `low` may read nothing of `app`, and has prepared a place for what others are made to read for it.
  ///
  /// The session is `low`'s at the end.
  static let lowRole = """
    CREATE ROLE app LOGIN PASSWORD 'not used';
    CREATE ROLE low LOGIN PASSWORD 'not used';
    GRANT ALL ON SCHEMA public TO app, low;
    CREATE SCHEMA lows AUTHORIZATION low;
    SET ROLE app;
    CREATE TABLE secrets (secret text);
    INSERT INTO secrets VALUES ('gold');
    SET ROLE low;
    GRANT USAGE ON SCHEMA lows TO PUBLIC;
    CREATE TABLE lows.loot (secret text, who name);
    GRANT INSERT ON lows.loot TO PUBLIC;

    """
}
