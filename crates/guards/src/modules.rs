//! Files of a crate as modules, and which of them names which. Names are followed as far as the file
//! they lead to; what stands in the file is not looked at, and a crate's tests are left out.

use crate::code::code;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Where a module stands in its crate: `["peer", "lost"]` for `crate::peer::lost`, and nothing for the
/// crate's root.
pub type ModulePath = Vec<String>;

/// The files of one crate, each by its place.
#[derive(Debug, Default)]
pub struct Modules {
    /// What each of them says.
    pub texts: BTreeMap<ModulePath, String>,
}

impl Modules {
    /// Reads all Rust files below a crate's `src`, tests left out.
    ///
    /// # Panics
    /// A file cannot be read.
    pub fn read(src: &Path) -> Self {
        let files = crate::rust_files(src);
        let files = files.iter().filter(|file| !is_test(file.strip_prefix(src).unwrap()));
        let text = |file: &PathBuf| std::fs::read_to_string(file).unwrap();
        Self { texts: files.map(|file| (place(file, src), text(file))).collect() }
    }

    /// The modules that a module names, itself and the crate's root left out.
    pub fn named_by(&self, module: &ModulePath) -> BTreeSet<ModulePath> {
        let paths = self.texts.get(module).map(|text| paths(text)).unwrap_or_default();
        let named = paths.iter().filter_map(|path| self.module_of(module, path));
        named.filter(|named| named != module && !named.is_empty()).collect()
    }

    /// The file in which what a path names stands; `None` for other crates and what is in scope.
    fn module_of(&self, module: &ModulePath, path: &[String]) -> Option<ModulePath> {
        let ups = path.iter().take_while(|part| *part == "super").count();
        let (base, rest) = match path.first()?.as_str() {
            "crate" => (&[][..], &path[1..]),
            "self" => (&module[..], &path[1..]),
            "super" => (&module[..module.len().saturating_sub(ups)], &path[ups..]),
            first => {
                let child = [module.as_slice(), &[first.to_owned()]].concat();
                self.texts.contains_key(&child).then_some((&module[..], path))?
            }
        };
        let mut place = [base, rest].concat();
        while !self.texts.contains_key(&place) {
            place.pop()?;
        }
        Some(place)
    }
}

/// A file of tests, or one in a folder of theirs.
fn is_test(file: &Path) -> bool {
    let inside = file.with_extension("");
    let names = inside.iter().map(|part| part.to_str().unwrap());
    names.into_iter().any(|name| name == "tests" || name.ends_with("_tests"))
}

fn place(file: &Path, src: &Path) -> ModulePath {
    let inside = file.strip_prefix(src).unwrap().with_extension("");
    let parts = inside.iter().map(|part| part.to_str().unwrap().to_owned());
    let mut parts: ModulePath = parts.collect();
    let is_root = parts.len() == 1 && matches!(parts[0].as_str(), "lib" | "main");
    if is_root || parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

/// The paths that a file imports or begins with `crate` or `super`, its last module of tests left out.
fn paths(text: &str) -> Vec<Vec<String>> {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let code = code(&text[..end]);
    let mut tokens = tokens(&code).into_iter().peekable();
    let (mut all, mut before) = (Vec::new(), "");
    while let Some(token) = tokens.next() {
        match token {
            // `use<'a>` names lifetimes.
            "use" if tokens.peek() != Some(&"<") => tree(&mut tokens, &[], &mut all),
            "crate" | "super" if before != "::" => {
                let mut path = vec![token.to_owned()];
                while tokens.next_if_eq(&"::").is_some() {
                    path.extend(tokens.next_if(|next| is_name(next)).map(str::to_owned));
                }
                all.push(path);
            }
            _ => {}
        }
        before = token;
    }
    all
}

type Tokens<'a> = std::iter::Peekable<std::vec::IntoIter<&'a str>>;

/// One import, or one part of it between braces, behind `before`.
fn tree(tokens: &mut Tokens<'_>, before: &[String], all: &mut Vec<Vec<String>>) {
    let mut path = before.to_vec();
    while let Some(token) = tokens.next_if(|token| !matches!(*token, "," | "}" | ";")) {
        match token {
            "{" => {
                loop {
                    tree(tokens, &path, all);
                    if tokens.next_if_eq(&",").is_none() || tokens.peek() == Some(&"}") {
                        break;
                    }
                }
                let _ = tokens.next_if_eq(&"}");
                return;
            }
            "as" => drop(tokens.next()),
            "::" | "*" => {}
            name => path.push(name.to_owned()),
        }
    }
    all.push(path);
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Names and numbers, `::`, and every other sign by itself.
fn tokens(code: &str) -> Vec<&str> {
    let (mut all, mut rest) = (Vec::new(), code.trim_start());
    while let Some(first) = rest.chars().next() {
        let name = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let len = match name {
            0 if rest.starts_with("::") => 2,
            0 => first.len_utf8(),
            name => name,
        };
        all.push(&rest[..len]);
        rest = rest[len..].trim_start();
    }
    all
}
