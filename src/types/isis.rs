//! What IS-IS calls a router.

use super::{TypeError, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// A network entity title: an area of 1 to 13 bytes, a system id of 6, and the selector 00; prints in lower case.
///
/// FRR takes no other grouping: two hex digits, three to nine groups of four, and `00`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IsisNet(String);

impl FromStr for IsisNet {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let groups: Vec<&str> = text.split('.').collect();
        let is_hex = |group: &str, length: usize| {
            group.len() == length && group.bytes().all(|b| b.is_ascii_hexdigit())
        };
        let fits = match groups.as_slice() {
            [first, middle @ .., "00"] => {
                is_hex(first, 2) && (3..=9).contains(&middle.len()) && middle.iter().all(|it| is_hex(it, 4))
            }
            _ => false,
        };
        match fits {
            true => Ok(Self(text.to_ascii_lowercase())),
            false => Err(TypeError::expected(
                "a network entity title like 49.0001.1920.0000.2001.00: two hex digits, three to nine groups of four, and 00",
            )),
        }
    }
}

impl fmt::Display for IsisNet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(IsisNet);

#[cfg(test)]
mod tests {
    use super::IsisNet;

    #[test]
    fn a_title_is_grouped_as_frr_reads_it() {
        let printed = |text: &str| text.parse::<IsisNet>().ok().map(|net| net.to_string());
        for good in ["49.0001.1921.6800.1001.00", "49.1921.6800.1001.00"] {
            assert_eq!(printed(good).as_deref(), Some(good));
        }
        assert_eq!(
            printed("49.0001.1921.68AB.1001.00").as_deref(),
            Some("49.0001.1921.68ab.1001.00")
        );
        for wrong in [
            "",
            "49",
            "49.00",
            "49.0001.1921.00",
            "49.0001.1921.6800.1001.01",
            "49.0001.1921.6800.1001",
            "490001192168001001.00",
            "49.001.1921.6800.1001.00",
            "4g.0001.1921.6800.1001.00",
        ] {
            assert_eq!(printed(wrong), None, "{wrong}");
        }
    }
}
