//! Bridge domains, and who is in them.

use super::words;
use serde::Serialize;

/// A bridge domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct DomainState {
    /// Its number in VPP.
    pub number: u32,
    /// The bridge of the configuration; none where no bridge of it has this number.
    pub name: Option<String>,
    /// Its members, this router's own interface on it as well.
    pub members: Vec<String>,
    /// This router's own interface on it.
    pub bvi: Option<String>,
    /// How many hardware addresses it has learned.
    pub learned: u64,
}

impl DomainState {
    /// What a person calls it.
    pub fn shown_name(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.number.to_string())
    }
}

/// `   7        1      0     off        on        on        flood       on       off       off         3      16777216    br0    `
pub(super) fn domains(shown: &str) -> Vec<DomainState> {
    let domain = |line: &str| match words(line)[..] {
        [number, index, _, _, _, _, _, _, _, _, learned, _, bvi] if index.parse::<u32>().is_ok() => {
            Some(DomainState {
                number: number.parse().ok()?,
                name: None,
                members: Vec::new(),
                bvi: Some(bvi.to_owned()).filter(|bvi| bvi != "N/A"),
                learned: learned.parse().ok()?,
            })
        }
        _ => None,
    };
    shown.lines().filter_map(domain).collect()
}

/// The members in an answer to `show bridge-domain NUMBER int`: `  external.10   3   1   0   -   *   pop-1  `.
pub(super) fn members(shown: &str) -> Vec<String> {
    let lines = shown
        .lines()
        .skip_while(|line| words(line).first() != Some(&"Interface"));
    let member = |line: &str| match words(line)[..] {
        [name, number, _, _, _, _, ..] if number.parse::<u32>().is_ok() => Some(name.to_owned()),
        _ => None,
    };
    lines.filter_map(member).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_has_members_and_perhaps_a_router() {
        let shown = " BD-ID   Index   BSN  Age(min)  Learning  U-Forwrd   UU-Flood   Flooding  ARP-Term  arp-ufwd Learn-count Learn-limit BVI-Intf  \n   \
            7       1      0     off        on        on       flood        on       off       off        3     16777216    loop5   \n  \
            9       2      1     off        on        on        drop        on       off       off        0     16777216     N/A    \n";
        let found = domains(shown);
        assert_eq!(
            found[0],
            DomainState {
                number: 7,
                name: None,
                members: Vec::new(),
                bvi: Some("loop5".to_owned()),
                learned: 3,
            }
        );
        assert_eq!((found[1].number, &found[1].bvi), (9, &None));
        let shown = format!(
            "{shown}\n           Interface           If-idx ISN  SHG  BVI  TxFlood        VLAN-Tag-Rewrite       \n            \
             cust               6    1    0    *      *                 none             \n         \
             external.10           3    1    0    -      *                 pop-1            \n"
        );
        assert_eq!(members(&shown), ["cust", "external.10"]);
        assert_eq!(domains("no bridge-domains in use"), []);
    }
}
