//! Rules of packet filters of any source, as rules of ACLs.

use super::document::{Place, Table, Value};
use super::draft::Draft;
use super::left::Why;

/// A rule while it is read. Of several values of a kind any may match.
#[derive(Debug, Clone, Default)]
pub(super) struct Rule {
    /// Whether what matches is dropped.
    pub denies: bool,
    /// Whether the answers pass as well.
    pub reflects: bool,
    /// Where packets come from.
    pub sources: Vec<String>,
    /// Where they go to.
    pub destinations: Vec<String>,
    /// Protocols, as an ACL names them.
    pub protocols: Vec<String>,
    /// Ports they come from.
    pub from_ports: Vec<String>,
    /// Ports they go to.
    pub to_ports: Vec<String>,
    /// Ports of which one is either.
    pub either_ports: Vec<String>,
    /// Types of ICMP.
    pub icmp_types: Vec<String>,
    /// The code of ICMP.
    pub icmp_code: Option<String>,
    /// Flags of TCP: of each list all.
    pub tcp_flags: Vec<Vec<&'static str>>,
}

impl Rule {
    /// What every packet matches.
    pub fn all(denies: bool) -> Self {
        Self {
            denies,
            ..Self::default()
        }
    }

    /// Names the protocols that types, flags and ports are of, where none is named: an ACL has them with one alone.
    pub fn name_protocols(&mut self, is_v6: bool) {
        if !self.protocols.is_empty() {
            return;
        }
        let ports = [&self.from_ports, &self.to_ports, &self.either_ports];
        let has_ports = ports.iter().any(|ports| !ports.is_empty());
        let named: &[&str] = match (&self.icmp_types[..], &self.tcp_flags[..]) {
            ([_, ..], _) if is_v6 => &["icmp6"],
            ([_, ..], _) => &["icmp"],
            ([], [_, ..]) => &["tcp"],
            ([], []) if has_ports => &["tcp", "udp"],
            ([], []) => &[],
        };
        self.protocols = named.iter().map(|word| (*word).to_owned()).collect();
    }

    /// As tables of an ACL: one for each protocol, type of ICMP and list of flags.
    pub fn tables(&self, place: Place) -> Vec<Table> {
        let mut tables = Vec::new();
        for protocol in one_each(&self.protocols) {
            for icmp_type in one_each(&self.icmp_types) {
                for flags in one_each(&self.tcp_flags) {
                    let mut table = self.table(place);
                    // Each key is set once: a table that is new has no other value for it.
                    if let Some(protocol) = protocol {
                        let _ = table.set("protocol", Value::number(protocol), place);
                    }
                    if let Some(number) = icmp_type {
                        let _ = table.set("icmp-type", Value::number(number), place);
                    }
                    if let Some(flags) = flags {
                        let flags = flags.iter().map(Value::text).collect();
                        let _ = table.set("tcp-flags", Value::List(flags), place);
                    }
                    tables.extend(self.with_ports(table, place));
                }
            }
        }
        for entry in tables.iter_mut().flat_map(|table| table.values.values_mut()) {
            // One line says where all of it came from.
            entry.from = None;
        }
        tables
    }

    fn table(&self, place: Place) -> Table {
        let mut table = Table::at(place);
        let action = if self.denies { "deny" } else { "permit" };
        let _ = table.set("action", action, place);
        for (key, prefixes) in [("source", &self.sources), ("destination", &self.destinations)] {
            if let Some(value) = one_or_list(prefixes, |it| Value::text(it)) {
                let _ = table.set(key, value, place);
            }
        }
        if let Some(code) = &self.icmp_code {
            let _ = table.set("icmp-code", Value::number(code), place);
        }
        if self.reflects {
            let _ = table.set("reflect", true, place);
        }
        table
    }

    fn with_ports(&self, table: Table, place: Place) -> Vec<Table> {
        let ports = |list: &[String]| one_or_list(list, |it| Value::number(it));
        let with = |from: Option<Value>, to: Option<Value>| {
            let mut table = table.clone();
            if let Some(from) = from {
                let _ = table.set("source-port", from, place);
            }
            if let Some(to) = to {
                let _ = table.set("port", to, place);
            }
            table
        };
        let (from, to) = (ports(&self.from_ports), ports(&self.to_ports));
        match ports(&self.either_ports) {
            Some(either) if from.is_none() && to.is_none() => {
                vec![with(None, Some(either.clone())), with(Some(either), None)]
            }
            _ => vec![with(from, to)],
        }
    }
}

/// An ACL while it is read.
#[derive(Debug)]
pub(super) struct Acl {
    /// Its name.
    pub name: String,
    rules: Vec<Table>,
    lost: Vec<(String, Place)>,
}

impl Acl {
    /// An ACL without a rule.
    pub fn named(name: String) -> Self {
        Self {
            name,
            rules: Vec::new(),
            lost: Vec::new(),
        }
    }

    /// Adds a rule, and what of it has no key: without that it would match more.
    pub fn add(&mut self, rule: &Rule, lost: impl IntoIterator<Item = (String, Place)>, place: Place) {
        self.rules.extend(rule.tables(place));
        self.lost.extend(lost);
    }

    /// Where its last rule begins.
    pub fn last(&self) -> Option<Place> {
        self.rules.last().and_then(|rule| rule.from)
    }

    /// Writes it; one that lacks something is held back.
    pub fn write(self, draft: &mut Draft, place: Place) {
        let is_whole = self.lost.is_empty();
        for (statement, place) in self.lost {
            let why = format!(
                "not in this version, and the ACL {} would match more without it",
                self.name
            );
            draft.leave(place, &statement, Why::Because(why));
        }
        let root = if is_whole {
            &mut draft.root
        } else {
            &mut draft.held_back
        };
        let acls = root.table("acls", place);
        for rule in self.rules {
            acls.append(&self.name, rule);
        }
    }
}

/// Each member; nothing once where there is none.
fn one_each<T>(list: &[T]) -> Vec<Option<&T>> {
    match list {
        [] => vec![None],
        list => list.iter().map(Some).collect(),
    }
}

fn one_or_list(list: &[String], value: impl Fn(&String) -> Value) -> Option<Value> {
    match list {
        [] => None,
        [one] => Some(value(one)),
        several => Some(Value::List(several.iter().map(value).collect())),
    }
}

/// A protocol by name or number, as an ACL names it.
pub(super) fn protocol(word: &str) -> Option<String> {
    const NAMES: [(&str, &str); 10] = [
        ("icmp", "1"),
        ("tcp", "6"),
        ("udp", "17"),
        ("gre", "47"),
        ("esp", "50"),
        ("ah", "51"),
        ("icmp6", "58"),
        ("ospf", "89"),
        ("vrrp", "112"),
        ("sctp", "132"),
    ];
    let word = if word == "ipv6-icmp" { "icmp6" } else { word };
    let named = NAMES
        .iter()
        .find(|(name, number)| word == *name || word == *number);
    let named = named.map(|(name, _)| (*name).to_owned());
    named.or_else(|| word.parse::<u8>().ok().map(|number| number.to_string()))
}

/// A port by its number or name, or a range of ports.
pub(super) fn port(word: &str) -> Option<String> {
    const NAMES: [(&str, u16); 26] = [
        ("ftp-data", 20),
        ("ftp", 21),
        ("ssh", 22),
        ("telnet", 23),
        ("smtp", 25),
        ("domain", 53),
        ("bootps", 67),
        ("dhcp", 67),
        ("bootpc", 68),
        ("tftp", 69),
        ("http", 80),
        ("www", 80),
        ("pop3", 110),
        ("ntp", 123),
        ("imap", 143),
        ("snmp", 161),
        ("snmptrap", 162),
        ("bgp", 179),
        ("ldap", 389),
        ("https", 443),
        ("syslog", 514),
        ("ldp", 646),
        ("radius", 1812),
        ("radacct", 1813),
        ("tacacs", 49),
        ("netconf", 830),
    ];
    if let Some((_, number)) = NAMES.iter().find(|(name, _)| *name == word) {
        return Some(number.to_string());
    }
    let number = |text: &str, open: u16| match text {
        "" => Some(open),
        text => text.parse::<u16>().ok(),
    };
    match word.split_once('-') {
        None => word.parse::<u16>().ok().map(|port| port.to_string()),
        Some(("", "")) => None,
        Some((from, to)) => {
            let (from, to) = (number(from, 0)?, number(to, u16::MAX)?);
            (from <= to).then(|| format!("{from}-{to}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{port, protocol};

    #[test]
    fn ports_and_protocols_have_names_numbers_and_ranges() {
        assert_eq!(port("ssh").as_deref(), Some("22"));
        assert_eq!(port("8000-8099").as_deref(), Some("8000-8099"));
        assert_eq!(port("1024-").as_deref(), Some("1024-65535"));
        assert_eq!(
            (port("-"), port("9-8"), port("70000"), port("x")),
            (None, None, None, None)
        );
        assert_eq!(protocol("58").as_deref(), Some("icmp6"));
        assert_eq!(protocol("tcp").as_deref(), Some("tcp"));
        assert_eq!(protocol("4").as_deref(), Some("4"));
        assert_eq!(protocol("any"), None);
    }
}
