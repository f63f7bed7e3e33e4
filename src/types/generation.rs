//! The name of a kept configuration.

use super::{TypeError, serde_as_text};
use std::fmt::{self, Write as _};
use std::str::FromStr;

/// The name of a generation: 12 hexadecimal digits of the SHA-256 over its names and contents.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(String);

serde_as_text!(Id);

impl Id {
    /// The name that these bytes spell.
    pub fn new(digest: [u8; 6]) -> Self {
        let mut text = String::with_capacity(12);
        for byte in digest {
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }
}

impl FromStr for Id {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() == 12 && text.bytes().all(hex) {
            Ok(Self(text.to_owned()))
        } else {
            Err(TypeError::expected("12 hexadecimal digits"))
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Id {
    fn as_ref(&self) -> &str {
        &self.0
    }
}
