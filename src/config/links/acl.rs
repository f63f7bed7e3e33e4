//! `[[acls.NAME]]`: each rule as the rules VPP has of it, of one family, one source and one range of ports each.

use super::check::acl as check;
use super::raw::{AclRuleRaw, AclsRaw, Ports, Prefixes};
use crate::config::check::Checking;
use crate::config::code::E0834;
use crate::config::diag::Diagnostic;
use crate::config::index::Index;
use crate::config::keys::{Field, Filled};
use crate::config::source::Located;
use crate::config::{Action, At, PrefixList};
use crate::types::PolicyName;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An ACL of the dataplane.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Acl {
    /// Where it was written.
    pub at: At,
    /// Its rules, in order; what none matches is dropped. At most 5,000.
    pub rules: Vec<AclRule>,
}

/// A rule as VPP has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AclRule {
    /// What becomes of the packet.
    pub action: AclAction,
    /// Where it comes from.
    pub source: IpNet,
    /// Where it goes to, in the same family.
    pub destination: IpNet,
    /// Its protocol; 0: any.
    pub protocol: u8,
    /// The ports it comes from, or the types of ICMP, both ends included.
    pub from_ports: (u16, u16),
    /// The ports it goes to, or the codes of ICMP.
    pub to_ports: (u16, u16),
    /// The flags of TCP: their values, and which of them count.
    pub tcp_flags: Option<(u8, u8)>,
}

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AclAction {
    /// It is dropped.
    Deny,
    /// It passes.
    Permit,
    /// It passes, and so do the answers to it.
    Reflect,
}

/// So many rules of VPP fit into a line of 1 MiB, whatever they say.
const MOST: usize = 5000;
/// The ports of a rule that names none.
pub const ALL_PORTS: (u16, u16) = (0, 65_535);

/// `[[acls.NAME]]`, checked.
pub(in crate::config) fn acls(
    raw: &Field<AclsRaw>,
    lists: &BTreeMap<PolicyName, PrefixList>,
    cx: &mut Checking<'_>,
) -> BTreeMap<PolicyName, Acl> {
    let mut acls = BTreeMap::new();
    for (name, table) in raw.entries() {
        check::tag_fits(name, cx);
        let Filled(written) = &table.value;
        let mut rules = Vec::new();
        for rule in written {
            let of = rules_of(rule, lists, cx);
            if rules.len() + of.len() > MOST {
                let message = format!(
                    "the ACL '{}' has more than {MOST} rules with this one",
                    name.value
                );
                cx.report(
                    Diagnostic::error(E0834, rule.span, message)
                        .label("each source counts with each destination and each range of ports")
                        .hint("split it in two, for two interfaces, or name fewer and larger prefixes"),
                );
                break;
            }
            rules.extend(of);
        }
        let at = cx.at(table.span);
        acls.insert(name.value.clone(), Acl { at, rules });
    }
    acls
}

/// The rules of VPP that one written rule stands for.
fn rules_of(
    rule: &Located<AclRuleRaw>,
    lists: &BTreeMap<PolicyName, PrefixList>,
    cx: &mut Checking<'_>,
) -> Vec<AclRule> {
    let raw = &rule.value;
    check::fits_its_protocol(raw, cx);
    let protocol = raw.protocol.value().map_or(0, |protocol| protocol.get());
    let action = match raw.action.value() {
        Some(Action::Deny) => AclAction::Deny,
        _ if raw.reflect.is_on() => AclAction::Reflect,
        _ => AclAction::Permit,
    };
    let (from_ports, to_ports) = ports_of(raw);
    let tcp_flags = raw.tcp_flags.get().map(|Filled(flags)| {
        let of = |(value, mask): (u8, u8), flag: &Located<super::raw::TcpFlag>| {
            let bit = flag.value.bit;
            (if flag.value.is_set { value | bit } else { value }, mask | bit)
        };
        flags.iter().fold((0, 0), of)
    });
    let pairs = pairs(rule, protocol, lists, cx);
    if pairs.len() * from_ports.len() * to_ports.len() > MOST {
        // Counted, and not made.
        let message = format!("a rule that stands for more than {MOST}");
        let error = Diagnostic::error(E0834, rule.span, message);
        cx.report(error.label("each source counts with each destination and each range of ports"));
        return Vec::new();
    }
    let mut rules = Vec::new();
    for (source, destination) in pairs {
        for from in &from_ports {
            rules.extend(to_ports.iter().map(|to| AclRule {
                action,
                source,
                destination,
                protocol,
                from_ports: *from,
                to_ports: *to,
                tcp_flags,
            }));
        }
    }
    rules
}

/// Ranges of ports, both ends included.
type PortRanges = Vec<(u16, u16)>;

/// The ranges of both ports; VPP keeps the types and codes of ICMP in their place.
fn ports_of(raw: &AclRuleRaw) -> (PortRanges, PortRanges) {
    let number = |number: u8| vec![(number.into(), number.into())];
    let ranges = |ports: &[Located<Ports>]| match ports {
        [] => vec![ALL_PORTS],
        ports => ports.iter().map(|it| (it.value.first, it.value.last)).collect(),
    };
    let from = match raw.icmp_type.value() {
        Some(kind) => number(kind.get()),
        None => ranges(raw.source_port.items()),
    };
    let to = match raw.icmp_code.value() {
        Some(code) => number(code.get()),
        None => ranges(raw.port.items()),
    };
    (from, to)
}

/// Every source with every destination, in each family that both have, the protocol among them.
fn pairs(
    rule: &Located<AclRuleRaw>,
    protocol: u8,
    lists: &BTreeMap<PolicyName, PrefixList>,
    cx: &mut Checking<'_>,
) -> Vec<(IpNet, IpNet)> {
    let mut nets = |written| networks(written, lists, cx);
    let (sources, destinations) = (
        nets(rule.value.source.items()),
        nets(rule.value.destination.items()),
    );
    // A list that was refused matches nothing that could be told.
    let (Some(sources), Some(destinations)) = (sources, destinations) else {
        return Vec::new();
    };
    let mut pairs = Vec::new();
    for v4 in [true, false] {
        let of_other_family = if v4 { check::ICMP6 } else { check::ICMP };
        if protocol == of_other_family {
            continue;
        }
        let from = of_family(&sources, v4);
        for source in &from {
            let to = of_family(&destinations, v4);
            pairs.extend(to.into_iter().map(|to| (*source, to)));
            if pairs.len() > MOST {
                return pairs;
            }
        }
    }
    check::every_prefix_matches(rule, &pairs, cx);
    pairs
}

/// What is written, with the lists replaced by what they hold: the fewest prefixes with the same addresses. `None`: one of the
/// lists cannot be used.
fn networks(
    written: &[Located<Prefixes>],
    lists: &BTreeMap<PolicyName, PrefixList>,
    cx: &mut Checking<'_>,
) -> Option<Vec<IpNet>> {
    let mut networks = Vec::new();
    for it in written {
        match &it.value {
            Prefixes::One(prefix) => networks.push(prefix.net()),
            Prefixes::List(name) => {
                let Some(list) = lists.get(name) else {
                    check::is_no_list_of_frrs(it.span, name, cx);
                    return None;
                };
                if !check::holds_only_what_it_permits(it.span, name, list, cx) {
                    return None;
                }
                let v4 = list.v4.iter().map(|rule| rule.prefix).collect();
                let v6 = list.v6.iter().map(|rule| rule.prefix).collect();
                networks.extend(Ipv4Net::aggregate(&v4).into_iter().map(IpNet::V4));
                networks.extend(Ipv6Net::aggregate(&v6).into_iter().map(IpNet::V6));
            }
        }
    }
    Some(networks)
}

/// The prefixes of a family; without any all of it.
fn of_family(prefixes: &[IpNet], v4: bool) -> Vec<IpNet> {
    if prefixes.is_empty() {
        return vec![match v4 {
            true => Ipv4Net::default().into(),
            false => Ipv6Net::default().into(),
        }];
    }
    let all = prefixes.iter().copied();
    all.filter(|net| matches!(net, IpNet::V4(_)) == v4).collect()
}

/// Enters the ACLs, and the prefix-lists that they use.
pub(in crate::config) fn index_acls(raw: &Field<AclsRaw>, index: &mut Index) {
    index.acls.define(raw.names());
    let rules = raw.entries().iter().flat_map(|(_, table)| {
        let Filled(rules) = &table.value;
        rules
    });
    let written = rules.flat_map(|rule| {
        rule.value
            .source
            .items()
            .iter()
            .chain(rule.value.destination.items())
    });
    let lists = written.filter_map(|it| match &it.value {
        Prefixes::One(_) => None,
        Prefixes::List(name) => Some(Located {
            value: name.clone(),
            span: it.span,
        }),
    });
    index.prefix_lists.used.extend(lists);
}
