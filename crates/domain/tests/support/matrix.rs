//! Reads `docs/compat/permissions.txt`, which says who may do what to whom. It refuses to know
//! commands and methods: the rules and the built server are asked by whoever includes it.

const TABLE: &str = include_str!("../../../../docs/compat/permissions.txt");

/// What stands before a name in the columns of the self, the member and the room permission.
pub const PREFIXES: [&str; 3] = ["room.self.", "room.member.", "room."];

/// A line of the table, five signs a column: for the caller, a screen of the caller's, another, a
/// device of another's, nobody.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// The method, and after a colon which use of it.
    pub method: &'static str,
    /// The second column.
    pub names: &'static str,
    /// For who holds nothing.
    pub nothing: &'static str,
    /// For who holds the permission with each of [`PREFIXES`].
    pub holding: [&'static str; 3],
    /// For the application.
    #[allow(dead_code)] // not everybody asks for it
    pub application: &'static str,
    /// For audience.
    pub audience: &'static str,
}

/// The table.
pub fn lines() -> Vec<Line> {
    let lines = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let read = |line: &'static str| {
        let cells: Vec<_> = line.split_whitespace().collect();
        let [method, names, nothing, me, member, room, application, audience] = cells[..] else {
            panic!("not eight columns: {line}");
        };
        let signs = [nothing, me, member, room, application, audience];
        let is_odd = |cell: &&str| cell.len() != 5 || cell.contains(|c| !"+-?".contains(c));
        assert!(!signs.iter().any(is_odd), "not five signs: {line}");
        Line { method, names, nothing, holding: [me, member, room], application, audience }
    };
    lines.map(read).collect()
}

/// The permissions that `names` stands for after `prefix`: none for `-`, older spellings as they
/// are.
pub fn held(prefix: &str, names: &str) -> Vec<String> {
    let name = |name: &str| match name {
        "." => prefix.trim_end_matches('.').to_owned(),
        name if name.starts_with("video.") => name.to_owned(),
        name => format!("{prefix}{name}"),
    };
    names.split('&').filter(|name| *name != "-").map(name).collect()
}
