//! What one setting is: its key, what its value may be, and what is said of it.

/// What a setting's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Text that is not shown.
    Secret,
    /// A list of texts; in the environment separated by commas.
    Texts,
    /// Such a list that is not shown.
    SecretTexts,
    /// A whole number within these bounds.
    Whole(i64, i64),
    /// `true` or `false`.
    Switch,
}

impl Kind {
    /// Whether a value of this kind is never printed.
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Secret | Self::SecretTexts)
    }
}

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Section and key.
    pub key: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// Its default, as TOML.
    pub default: &'static str,
    /// What it is for, unit included.
    pub doc: &'static str,
}

pub(super) const fn setting(
    key: &'static str,
    kind: Kind,
    default: &'static str,
    doc: &'static str,
) -> Setting {
    Setting { key, kind, default, doc }
}
