//! ACL tables of SONiC: each is an ACL here. What no rule of it matches passes.

use super::{Sonic, field, list};
use crate::import::document::Place;
use crate::import::filter::{self, Acl, Rule};
use crate::import::left::Why;
use crate::import::tree::Node;
use indexmap::IndexMap;
use std::collections::HashMap;

/// Tables and rules, until all of them are read.
#[derive(Debug, Default)]
pub(super) struct Filters {
    tables: IndexMap<String, AclTable>,
    rules: IndexMap<String, Vec<AclRule>>,
}

#[derive(Debug)]
struct AclTable {
    ports: Vec<String>,
    side: &'static str,
    is_v6: bool,
    place: Place,
}

#[derive(Debug)]
struct AclRule {
    priority: u32,
    rule: Rule,
    /// The family it is for, with what says so.
    family: Option<(bool, String, Place)>,
    /// Conditions that have no key: without them it would match more.
    lost: Vec<(String, Place)>,
    place: Place,
}

impl Sonic {
    /// `ACL_TABLE|EDGE`.
    pub(super) fn acl_table(&mut self, name: &str, fields: &Node) {
        let place = fields.place(self.file);
        let is_v6 = match field(fields, "type") {
            Some("L3") => false,
            Some("L3V6") => true,
            _ => {
                let why = "of its kinds only L3 and L3V6 judge packets that are routed".to_owned();
                return self.leave("ACL_TABLE", name, fields, Why::Because(why));
            }
        };
        let side = match field(fields, "stage") {
            Some("egress" | "EGRESS") => "out",
            _ => "in",
        };
        let table = AclTable {
            ports: list(fields, "ports"),
            side,
            is_v6,
            place,
        };
        self.filters.tables.insert(name.to_owned(), table);
        self.leave_others(
            "ACL_TABLE",
            name,
            fields,
            &["type", "stage", "ports", "policy_desc"],
        );
    }

    /// `ACL_RULE|EDGE|RULE_1`.
    pub(super) fn acl_rule(&mut self, table: &str, name: &str, fields: &Node) {
        let mut rule = AclRule {
            priority: 0,
            rule: Rule::default(),
            family: None,
            lost: Vec::new(),
            place: fields.place(self.file),
        };
        for (key, value) in fields.members() {
            let (text, place) = (value.text().unwrap_or_default(), value.place(self.file));
            let statement = || format!("ACL_RULE {table} {name} {key}");
            match family(key, text) {
                Some(Some(is_v6)) => rule.family = Some((is_v6, statement(), place)),
                Some(None) => {}
                None if rule.read(key, text) => {}
                None => rule.lost.push((statement(), place)),
            }
        }
        self.filters.rules.entry(table.to_owned()).or_default().push(rule);
    }

    pub(super) fn finish_filters(&mut self) {
        let Filters { tables, mut rules } = std::mem::take(&mut self.filters);
        let mut taken: HashMap<(String, &'static str), String> = HashMap::new();
        for (name, table) in tables {
            let acl = self.site.names.policy(&name);
            let mut rules = rules.shift_remove(&name).unwrap_or_default();
            rules.sort_by_key(|rule| std::cmp::Reverse(rule.priority));
            self.acl(&acl, rules, table.is_v6, table.place);
            for port in &table.ports {
                let Some(link) = self.routed(port) else {
                    let why = "this VLAN is not imported".to_owned();
                    let statement = format!("ACL_TABLE {name} {port}");
                    self.site.draft.leave(table.place, &statement, Why::Because(why));
                    continue;
                };
                match taken.get(&(link.name.clone(), table.side)) {
                    Some(first) => {
                        let why = format!(
                            "{} has the ACL {first} on this side; one ACL can have the rules of both",
                            link.name
                        );
                        let statement = format!("ACL_TABLE {name} {port}");
                        self.site.draft.leave(table.place, &statement, Why::Because(why));
                    }
                    None => {
                        self.site
                            .draft
                            .inner(&link.path(), "acl", table.side, acl.as_str(), table.place);
                        taken.insert((link.name, table.side), acl.clone());
                    }
                }
            }
        }
        for (name, rules) in rules {
            if let Some(rule) = rules.first() {
                let why = "no ACL table that is imported has this name".to_owned();
                let statement = format!("ACL_RULE {name}");
                self.site.draft.leave(rule.place, &statement, Why::Because(why));
            }
        }
    }

    fn acl(&mut self, acl: &str, rules: Vec<AclRule>, is_v6: bool, place: Place) {
        let mut acl = Acl::named(acl.to_owned());
        for mut rule in rules {
            if let Some((_, statement, place)) = rule.family.filter(|(family, ..)| *family != is_v6) {
                let table = if is_v6 { "IPv6" } else { "IPv4" };
                let why =
                    format!("its table is of {table}, so the rule matches nothing and is not in the ACL");
                self.site.draft.leave(place, &statement, Why::Because(why));
                continue;
            }
            rule.rule.name_protocols(is_v6);
            if rule.rule.sources.is_empty() && rule.rule.destinations.is_empty() {
                let all = if is_v6 { "::/0" } else { "0.0.0.0/0" };
                rule.rule.sources.push(all.to_owned());
            }
            acl.add(&rule.rule, rule.lost, rule.place);
        }
        acl.add(&Rule::all(false), [], place);
        acl.write(&mut self.site.draft, place);
    }
}

impl AclRule {
    /// A field of a rule; whether there is a key for it.
    fn read(&mut self, key: &str, value: &str) -> bool {
        let rule = &mut self.rule;
        let into =
            |list: &mut Vec<String>, value: Option<String>| value.map(|value| list.push(value)).is_some();
        match key {
            "PRIORITY" => value.parse().map(|priority| self.priority = priority).is_ok(),
            "PACKET_ACTION" => match value {
                "FORWARD" | "forward" => true,
                "DROP" | "drop" => {
                    rule.denies = true;
                    true
                }
                _ => false,
            },
            "SRC_IP" | "SRC_IPV6" => into(&mut rule.sources, prefix(value)),
            "DST_IP" | "DST_IPV6" => into(&mut rule.destinations, prefix(value)),
            "IP_PROTOCOL" | "NEXT_HEADER" => into(&mut rule.protocols, filter::protocol(value)),
            "L4_SRC_PORT" | "L4_SRC_PORT_RANGE" => into(&mut rule.from_ports, filter::port(value)),
            "L4_DST_PORT" | "L4_DST_PORT_RANGE" => into(&mut rule.to_ports, filter::port(value)),
            "ICMP_TYPE" | "ICMPV6_TYPE" => into(&mut rule.icmp_types, Some(value.to_owned())),
            "ICMP_CODE" | "ICMPV6_CODE" => {
                rule.icmp_code = Some(value.to_owned());
                true
            }
            "TCP_FLAGS" => match tcp_flags(value) {
                Some(flags) => {
                    rule.tcp_flags = vec![flags];
                    true
                }
                None => false,
            },
            "RULE_DESCRIPTION" | "NULL" => true,
            _ => false,
        }
    }
}

/// Whether a field says that a rule is for IPv6 or for IPv4, or for both; nothing of any other field.
fn family(key: &str, value: &str) -> Option<Option<bool>> {
    match (key, value) {
        ("IP_TYPE", "ANY" | "IP") => Some(None),
        ("IP_TYPE", "IPV4ANY" | "IPV4") | ("ETHER_TYPE", "0x0800" | "0x800" | "2048") => Some(Some(false)),
        ("IP_TYPE", "IPV6ANY" | "IPV6") | ("ETHER_TYPE", "0x86DD" | "0x86dd" | "34525") => Some(Some(true)),
        _ => None,
    }
}

/// A prefix, or an address as one.
fn prefix(text: &str) -> Option<String> {
    let whole = match text.parse::<std::net::IpAddr>() {
        Ok(host) if host.is_ipv4() => format!("{text}/32"),
        Ok(_) => format!("{text}/128"),
        Err(_) => text.to_owned(),
    };
    let prefix: ipnet::IpNet = whole.parse().ok()?;
    Some(prefix.trunc().to_string())
}

/// `0x02/0x12`: of the flags in the mask those that are set, and those that are not.
fn tcp_flags(text: &str) -> Option<Vec<&'static str>> {
    const FLAGS: [(u8, &str, &str); 6] = [
        (1, "fin", "!fin"),
        (2, "syn", "!syn"),
        (4, "rst", "!rst"),
        (8, "psh", "!psh"),
        (16, "ack", "!ack"),
        (32, "urg", "!urg"),
    ];
    let number = |text: &str| {
        let digits = text.trim().trim_start_matches("0x");
        u8::from_str_radix(digits, 16).ok()
    };
    let (value, mask) = text.split_once('/')?;
    let (value, mask) = (number(value)?, number(mask)?);
    if mask > 63 {
        return None;
    }
    let named = FLAGS.iter().filter(|(bit, ..)| mask & bit != 0);
    Some(
        named
            .map(|(bit, set, unset)| if value & bit != 0 { *set } else { *unset })
            .collect(),
    )
}
