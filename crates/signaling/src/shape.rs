//! Objects of the wire as types: what a client is sent is made of their fields, and so are the types of our own
//! browser package, which a test writes (`typescript_tests.rs`). It refuses to know what the fields mean.

#[cfg(test)]
use crate::typescript::Kind;
use rotunda_domain::{
    Flow, JoinAs, LineLevel, LinkRole, MediaAllowed, MemberKind, PictureSize, PlaybackState,
    Position, RecordingState, Reservation, StreamState,
};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use std::sync::Arc;
use uuid::Uuid;

/// What may stand in a field.
pub trait Field: Serialize {
    /// Whether there is no such field just now.
    fn is_absent(&self) -> bool {
        false
    }

    /// What it is to somebody who reads it.
    #[cfg(test)]
    fn kind() -> Kind;
}

/// Declares an object of the wire: its fields in the order in which they are sent.
macro_rules! shape {
    (
        $(#[doc = $doc:literal])+
        $name:ident $(<$life:lifetime>)? {
            $($(#[doc = $field_doc:literal])* $field:ident: $type:ty,)+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(serde::Serialize)]
        pub struct $name $(<$life>)? {
            $(
                $(#[doc = $field_doc])*
                #[serde(skip_serializing_if = "crate::shape::Field::is_absent")]
                pub $field: $type,
            )+
        }

        impl $(<$life>)? crate::shape::Field for $name $(<$life>)? {
            #[cfg(test)]
            fn kind() -> crate::typescript::Kind {
                crate::typescript::Kind::Object(crate::typescript::Object {
                    name: stringify!($name),
                    docs: &[$($doc),+],
                    base: None,
                    fields: vec![$(
                        crate::typescript::Member {
                            name: stringify!($field).trim_start_matches("r#"),
                            docs: &[$($field_doc),*],
                            kind: <$type as crate::shape::Field>::kind(),
                        },
                    )+],
                })
            }
        }
    };
}
pub(crate) use shape;

/// The object as JSON.
pub fn value(object: &impl Field) -> Value {
    // Nothing here has a key that is no text, which is all that could fail.
    serde_json::to_value(object).unwrap_or_default()
}

/// A field that is there at times only.
pub struct Sometimes<T>(pub Option<T>);

impl<T: Serialize> Serialize for Sometimes<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<T: Field> Field for Sometimes<T> {
    fn is_absent(&self) -> bool {
        self.0.is_none()
    }

    #[cfg(test)]
    fn kind() -> Kind {
        Kind::Sometimes(Box::new(T::kind()))
    }
}

impl<T: Field> Field for Option<T> {
    #[cfg(test)]
    fn kind() -> Kind {
        Kind::OrNull(Box::new(T::kind()))
    }
}

impl<T: Field> Field for &[T] {
    #[cfg(test)]
    fn kind() -> Kind {
        Kind::List(Box::new(T::kind()))
    }
}

impl<T: Field> Field for Vec<T> {
    #[cfg(test)]
    fn kind() -> Kind {
        Kind::List(Box::new(T::kind()))
    }
}

macro_rules! plain {
    ($($kind:ident: $($type:ty),+;)+) => {
        $($(impl Field for $type {
            #[cfg(test)]
            fn kind() -> Kind {
                Kind::$kind
            }
        })+)+
    };
}

plain! {
    Text: Uuid, String, Arc<str>, &str;
    Flag: bool;
    Number: i32, i64, u32, u64, usize, f64;
    Free: Map<String, Value>, &Map<String, Value>;
}

/// A number as JavaScript writes it: 50, not 50.0.
pub struct Percent(pub f64);

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            whole if whole.fract() == 0.0 && whole.abs() < 1e9 => {
                serializer.serialize_i64(whole as i64)
            }
            other => serializer.serialize_f64(other),
        }
    }
}

impl Field for Percent {
    #[cfg(test)]
    fn kind() -> Kind {
        Kind::Number
    }
}

/// One of several words, which the value itself knows.
pub struct Word<T>(pub T);

/// What is spelt by one word of several.
pub trait Spelt {
    /// The spelling on the wire, `None` is null.
    fn spelt(&self) -> Option<String>;

    /// One of each.
    #[cfg(test)]
    fn all() -> Vec<Self>
    where
        Self: Sized;
}

impl<T: Spelt> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.spelt().serialize(serializer)
    }
}

impl<T: Spelt> Field for Word<T> {
    #[cfg(test)]
    fn kind() -> Kind {
        Kind::words(T::all().iter().map(Spelt::spelt))
    }
}

/// How each is spelt, and all that there are: the compiler finds one that is missing.
macro_rules! spelt {
    ($($type:ident as |$one:ident| $spelt:expr => $($variant:ident $(($sample:expr))?),+;)+) => {
        $(impl Spelt for $type {
            fn spelt(&self) -> Option<String> {
                let $one = self;
                $spelt
            }

            #[cfg(test)]
            fn all() -> Vec<Self> {
                let known = |one: &Self| match one {
                    $($type::$variant { .. } => (),)+
                };
                let all = vec![$($type::$variant $(($sample))?),+];
                all.iter().for_each(known);
                all
            }
        })+
    };
}

/// What stands for any number in a word.
#[cfg(test)]
const N: u32 = 7;

spelt! {
    JoinAs as |role| Some(role.as_str().to_owned()) => Member, Audience;
    MediaAllowed as |media| Some(media.as_str().to_owned()) => All, AudioOnly, VideoOnly;
    Flow as |flow| Some(flow.as_str().to_owned()) => None, Receive, Both;
    MemberKind as |kind| Some(kind.as_str().to_owned()) => Member, Audience, Screen, Device;
    RecordingState as |state| Some(state.as_str().to_owned()) => Recording, Paused, Completed;
    StreamState as |state| Some(state.as_str().to_owned()) => Streaming, Completed;
    PlaybackState as |state| Some(state.as_str().to_owned()) => Playing, Paused, Completed;
    LineLevel as |level| Some(level.as_str().to_owned()) => Good, Fair, Poor;
    LinkRole as |role| Some(role.as_str().to_owned()) => Host, Member, Guest, Audience;
    PictureSize as |size| size.as_str().map(str::to_owned) => Full, Half, Quarter, None, Unasked;
    Reservation as |place| Some(place.to_string()) => Standard(N), Reserved(N), FullScreen;
}

impl Spelt for Position {
    fn spelt(&self) -> Option<String> {
        Some(self.to_string())
    }

    /// Only a place that can be asked for is one that somebody asked for.
    #[cfg(test)]
    fn all() -> Vec<Self> {
        let places = Reservation::all().into_iter().map(Self::At);
        let all = places.chain([Self::Auto, Self::OffCanvas]);
        all.filter(|one| Self::parse(&one.to_string()).is_some()).collect()
    }
}

/// Where somebody sits; nowhere is off the canvas.
pub struct Seat(pub Option<Reservation>);

impl Spelt for Seat {
    fn spelt(&self) -> Option<String> {
        Some(self.0.map_or_else(|| "off-canvas".to_owned(), |place| place.to_string()))
    }

    #[cfg(test)]
    fn all() -> Vec<Self> {
        Reservation::all().into_iter().map(Some).chain([None]).map(Self).collect()
    }
}
