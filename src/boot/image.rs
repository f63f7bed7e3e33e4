//! What an image says about itself: `/usr/lib/imp/image.toml`, written by whoever builds it.
//!
//! ```toml
//! version = "2026.11.3"
//! build-date = "2026-11-19T10:00:00Z"       # UTC; a plain day will do
//! package-manifest = "sha256:9f86d081…"     # over the sorted list of packages and versions
//! ```
//! It is shown and compared but decides nothing: an image without one boots as well.

use crate::host::stat::UntrustedTree;
use crate::types::{TypeError, is_hostile, serde_as_text};
use serde::Serialize;
use std::cmp::Ordering;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::str::FromStr;

const PLACE: &str = "usr/lib/imp/image.toml";

/// More than any such file needs; what is mounted there was built elsewhere.
const LIMIT: u64 = 64 * 1024;

/// What is known about an image; what it does not say, or says in a form that is not understood, is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Metadata {
    /// Its version, in its builder's own words.
    pub version: Option<String>,
    /// When it was built.
    pub build_date: Option<BuildDate>,
    /// A digest of its packages and their versions: equal where these are.
    pub package_manifest: Option<String>,
}

impl Metadata {
    /// What the image mounted at this path says. A missing file says nothing; one that is not understood is logged as a
    /// warning, once per call.
    pub fn read(mounted: &Path) -> Self {
        let path = mounted.join(PLACE);
        match UntrustedTree::open(mounted).and_then(|image| read(&image)) {
            Ok(text) => {
                let (metadata, problems) = Self::parse(&text);
                for problem in problems {
                    tracing::warn!("{}: {problem}, ignoring", path.display());
                }
                metadata
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Self::default(),
            Err(error) => {
                tracing::warn!("{}: {error}, ignoring", path.display());
                Self::default()
            }
        }
    }

    /// What a text says, and what in it was not understood. Unknown keys belong to others and are ignored.
    pub fn parse(text: &str) -> (Self, Vec<String>) {
        let table: toml::Table = match text.parse() {
            Ok(table) => table,
            Err(error) => return (Self::default(), vec![toml_problem(&error)]),
        };
        let mut problems = Vec::new();
        let mut word = |key: &str| match table.get(key) {
            None => None,
            Some(toml::Value::String(text)) if is_plain(text) => Some(text.clone()),
            Some(toml::Value::Datetime(date)) => Some(date.to_string()),
            Some(_) => {
                problems.push(format!(
                    "'{key}' is not a string of 1 to 128 printable characters"
                ));
                None
            }
        };
        let (version, package_manifest) = (word("version"), word("package-manifest"));
        let build_date = word("build-date").and_then(|text| match text.parse() {
            Ok(date) => Some(date),
            Err(error) => {
                problems.push(format!("'build-date': {error}"));
                None
            }
        });
        let metadata = Self {
            version,
            build_date,
            package_manifest,
        };
        (metadata, problems)
    }

    /// Whether nothing is known.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

/// `2026.11.3, built 2026-11-19`, or `unknown`.
impl fmt::Display for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.version, &self.build_date) {
            (Some(version), Some(date)) => write!(f, "{version}, built {date}"),
            (Some(version), None) => f.write_str(version),
            (None, Some(date)) => write!(f, "built {date}"),
            (None, None) => f.write_str("unknown"),
        }
    }
}

/// Compares the first with the second in a sentence: newer, older, the same, or not known.
pub fn compare(this: &Metadata, other: &Metadata) -> String {
    let age = match (&this.build_date, &other.build_date) {
        (Some(a), Some(b)) => a.order(b),
        _ => None,
    };
    let same_version = this.version.is_some() && this.version == other.version;
    let words = match (age, same_version) {
        (Some(Ordering::Greater), _) => format!("newer: {this}, against {other}"),
        (Some(Ordering::Less), _) => format!("older: {this}, against {other}"),
        (_, true) => format!("the same version: {this}"),
        _ if this.is_unknown() || other.is_unknown() => {
            format!("newer or older is not known: {this}, against {other}")
        }
        (Some(Ordering::Equal), _) => format!("as old: {this}, against {other}"),
        (None, _) => format!("another one: {this}, against {other}"),
    };
    match (&this.package_manifest, &other.package_manifest) {
        (Some(a), Some(b)) if a == b => format!("{words}; the same packages"),
        (Some(_), Some(_)) => format!("{words}; other packages"),
        _ => words,
    }
}

/// A day, or a second of one, in UTC: `2026-11-19` or `2026-11-19T10:00:00Z` (RFC 3339).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildDate(String);

serde_as_text!(BuildDate);

impl BuildDate {
    /// Which is later; `None` on the same day when one does not say more than the day.
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        match self.0[..10].cmp(&other.0[..10]) {
            Ordering::Equal if self.0.len() != other.0.len() => None,
            // One format, so the order of the texts is that of the times.
            Ordering::Equal => Some(self.0.cmp(&other.0)),
            by_day => Some(by_day),
        }
    }
}

impl FromStr for BuildDate {
    type Err = TypeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let shape: String = text
            .chars()
            .map(|c| if c.is_ascii_digit() { '0' } else { c })
            .collect();
        let within = |range, limit: u8| {
            let digits: Option<&str> = text.get(range);
            digits
                .and_then(|digits| digits.parse::<u8>().ok())
                .is_some_and(|n| (1..=limit).contains(&n))
        };
        let known = ["0000-00-00", "0000-00-00T00:00:00Z"].contains(&shape.as_str());
        if known && within(5..7, 12) && within(8..10, 31) {
            Ok(Self(text.to_owned()))
        } else {
            Err(TypeError::expected(
                "a day or a time in UTC, like 2026-11-19 or 2026-11-19T10:00:00Z",
            ))
        }
    }
}

impl fmt::Display for BuildDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// As the image itself would see it: a link of another machine's maker leads to no file of this one.
fn read(image: &UntrustedTree) -> io::Result<String> {
    let bytes = image.read_start(PLACE, LIMIT + 1)?;
    if bytes.len() as u64 > LIMIT {
        return Err(io::Error::new(
            ErrorKind::FileTooLarge,
            format!("more than {LIMIT} bytes"),
        ));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::new(ErrorKind::InvalidData, "not UTF-8"))
}

/// It ends up on terminals, in tables and in the journal.
fn is_plain(text: &str) -> bool {
    (1..=128).contains(&text.len()) && !text.chars().any(is_hostile)
}

fn toml_problem(error: &toml::de::Error) -> String {
    error.message().to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn of(text: &str) -> Metadata {
        let (metadata, problems) = Metadata::parse(text);
        assert!(problems.is_empty(), "{problems:?}");
        metadata
    }

    #[test]
    fn a_whole_one_is_understood_and_a_key_of_others_is_left_alone() {
        let metadata =
            of("version = \"3\"\nbuild-date = 2026-11-19\npackage-manifest = \"a\"\n[vendor]\nx = 1\n");
        assert_eq!(metadata.to_string(), "3, built 2026-11-19");
        assert_eq!(metadata.package_manifest.as_deref(), Some("a"));
        assert_eq!(of("").to_string(), "unknown");
        assert_eq!(
            of("build-date = 2026-11-19T10:00:00Z").to_string(),
            "built 2026-11-19T10:00:00Z"
        );
    }

    #[test]
    fn what_is_not_understood_costs_only_itself() {
        for (text, about) in [
            ("version = 3\nbuild-date = \"2026-11-19\"", "version"),
            ("version = \"a\\u0007\"\nbuild-date = \"2026-11-19\"", "version"),
        ] {
            let (metadata, problems) = Metadata::parse(text);
            assert_eq!(metadata.to_string(), "built 2026-11-19");
            assert!(problems[0].contains(about), "{problems:?}");
        }
        for wrong in [
            "2026-13-01",
            "2026-00-10",
            "2026-11-19T10:00:00+01:00",
            "yesterday",
            "",
        ] {
            assert!(wrong.parse::<BuildDate>().is_err(), "{wrong}");
        }
        let (metadata, problems) = Metadata::parse("version = ");
        assert!(metadata.is_unknown() && problems.len() == 1, "{problems:?}");
    }

    #[test]
    fn two_are_compared_in_a_sentence() {
        let old = of("version = \"2\"\nbuild-date = \"2026-11-01\"\npackage-manifest = \"a\"");
        let new = of("version = \"3\"\nbuild-date = \"2026-11-19T10:00:00Z\"\npackage-manifest = \"b\"");
        assert_eq!(
            compare(&new, &old),
            "newer: 3, built 2026-11-19T10:00:00Z, against 2, built 2026-11-01; other packages"
        );
        assert!(compare(&old, &new).starts_with("older: 2"));
        assert_eq!(
            compare(&old, &old),
            "the same version: 2, built 2026-11-01; the same packages"
        );
        let unknown = Metadata::default();
        assert_eq!(
            compare(&new, &unknown),
            "newer or older is not known: 3, built 2026-11-19T10:00:00Z, against unknown"
        );
        let only_day = of("version = \"4\"\nbuild-date = \"2026-11-19\"");
        assert_eq!(
            compare(&new, &only_day),
            "another one: 3, built 2026-11-19T10:00:00Z, against 4, built 2026-11-19"
        );
    }

    #[test]
    fn an_image_without_a_file_is_unknown_and_no_error() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Metadata::read(dir.path()).is_unknown());
        let place = dir.path().join(PLACE);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(&place, "version = \"9\"").unwrap();
        assert_eq!(Metadata::read(dir.path()).version.as_deref(), Some("9"));
        std::fs::write(&place, vec![b' '; LIMIT as usize + 1]).unwrap();
        assert!(Metadata::read(dir.path()).is_unknown());
        let outside = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(outside.path(), "version = \"of this machine\"").unwrap();
        std::fs::remove_file(&place).unwrap();
        std::os::unix::fs::symlink(outside.path(), &place).unwrap();
        assert!(Metadata::read(dir.path()).is_unknown());
    }
}
