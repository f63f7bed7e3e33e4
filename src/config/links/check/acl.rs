//! ACLs: what VPP takes without a word and does not do.

use super::packet::{TCP, UDP};
use crate::config::check::Checking;
use crate::config::code::{E0830, E0833, E0836, E0837, E0877};
use crate::config::diag::Diagnostic;
use crate::config::keys::Field;
use crate::config::links::raw::{AclRuleRaw, Prefixes};
use crate::config::source::{Located, Span};
use crate::config::{Action, PrefixList};
use crate::types::{PolicyName, Prefix};
use ipnet::IpNet;

/// ICMP's number.
pub(in crate::config) const ICMP: u8 = 1;
/// That of ICMP for IPv6.
pub(in crate::config) const ICMP6: u8 = 58;
/// The protocols with ports: TCP, UDP, SCTP. VPP looks for ports in no other.
const WITH_PORTS: [u8; 3] = [TCP, UDP, 132];
/// VPP's limit of a tag, without what ours begin with: of a longer one it makes no ACL, without a word.
const LONGEST: usize = 59;

/// The name fits into the tag by which VPP knows the ACL.
pub(in crate::config) fn tag_fits(name: &Located<PolicyName>, cx: &mut Checking<'_>) {
    let length = name.value.as_ref().len();
    if length > LONGEST {
        let message = format!("the name '{}' is too long for an ACL", name.value);
        let error = Diagnostic::error(E0836, name.span, message);
        cx.report(error.label(format!(
            "expected at most {LONGEST} characters, this has {length}"
        )));
    }
}

/// Ports, types and flags are looked for in protocols that have them.
pub(in crate::config) fn fits_its_protocol(raw: &AclRuleRaw, cx: &mut Checking<'_>) {
    let protocol = raw.protocol.value().map(|protocol| protocol.get());
    let of = |protocols: &'static [u8]| protocol.is_some_and(|protocol| protocols.contains(&protocol));
    let mut needs = |key: &str, span: Option<Span>, fits: bool, what: &str| {
        if let Some(span) = span.filter(|_| !fits && !raw.protocol.is_flawed()) {
            let error = Diagnostic::error(E0833, span, format!("'{key}' needs {what}"));
            cx.report(error.label("VPP would not look at it, and the rule would match more than it says"));
        }
    };
    let ports = "protocol = \"tcp\", \"udp\" or \"sctp\"";
    needs("port", raw.port.span(), of(&WITH_PORTS), ports);
    needs("source-port", raw.source_port.span(), of(&WITH_PORTS), ports);
    let icmp = "protocol = \"icmp\" or \"icmp6\"";
    needs("icmp-type", raw.icmp_type.span(), of(&[ICMP, ICMP6]), icmp);
    needs("icmp-code", raw.icmp_code.span(), of(&[ICMP, ICMP6]), icmp);
    needs(
        "tcp-flags",
        raw.tcp_flags.span(),
        of(&[TCP]),
        "protocol = \"tcp\"",
    );
    if let Some(reflect) = raw.reflect.span().filter(|_| raw.reflect.is_on())
        && raw.action.value() == Some(Action::Deny)
    {
        let idle = Diagnostic::warning(E0837, reflect, "a rule that denies has no answers to let in");
        cx.report(idle.hint("remove `reflect`, or write `action = \"permit\"`"));
    }
}

/// The addresses of a list are those of its prefixes, whatever the lengths of the routes that it permits. What it denies has
/// no such meaning: a denied route may be inside a permitted one.
pub(in crate::config) fn holds_only_what_it_permits(
    used: Span,
    name: &PolicyName,
    list: &PrefixList,
    cx: &mut Checking<'_>,
) -> bool {
    let v4 = list.v4.iter().map(|rule| (rule.action, IpNet::V4(rule.prefix)));
    let v6 = list.v6.iter().map(|rule| (rule.action, IpNet::V6(rule.prefix)));
    let denied = v4.chain(v6).find(|(action, _)| *action == Action::Deny);
    if let Some((_, prefix)) = denied {
        let message = format!("the prefix-list '{name}' denies {prefix}");
        let error = Diagnostic::error(E0877, used, message)
            .label("which packets are meant cannot be told")
            .hint(
                "use a list that only permits; a rule of the ACL before this one denies what is not to pass",
            );
        cx.report(match cx.index.prefix_lists.defined.get(name) {
            Some(defined) => error.also(*defined, "the list"),
            None => error,
        });
    }
    denied.is_none()
}

/// A list that only FRR reads holds what is not known here. One that is nowhere is reported with all that use it.
pub(in crate::config) fn is_no_list_of_frrs(used: Span, name: &PolicyName, cx: &mut Checking<'_>) {
    if let Some(defined) = cx.index.prefix_lists.defined_in_extra.get(name).copied() {
        let message = format!("the prefix-list '{name}' is only in [frr] extra-file");
        cx.report(
            Diagnostic::error(E0877, used, message)
                .label("what it holds is not known here")
                .also(defined, "it is defined here")
                .hint("write it in [prefix-lists]"),
        );
    }
}

/// Every prefix has a counterpart of its family: in VPP both are of one, and a rule of two would be none.
pub(in crate::config) fn every_prefix_matches(
    rule: &Located<AclRuleRaw>,
    pairs: &[(IpNet, IpNet)],
    cx: &mut Checking<'_>,
) {
    let raw = &rule.value;
    let has = |v4: bool| pairs.iter().any(|(source, _)| source.addr().is_ipv4() == v4);
    let both = [has(true), has(false)];
    // A list may have prefixes of a family that the rest has nothing of.
    let written = raw.source.items().iter().chain(raw.destination.items());
    let written = written.filter_map(|it| match &it.value {
        Prefixes::One(prefix) => Some(Located {
            value: *prefix,
            span: it.span,
        }),
        Prefixes::List(_) => None,
    });
    let without = |prefix: &Located<Prefix>| !both[usize::from(prefix.value.net().addr().is_ipv6())];
    if let Some(prefix) = written.clone().find(without) {
        let family = if prefix.value.net().addr().is_ipv4() {
            "IPv4"
        } else {
            "IPv6"
        };
        let message = format!("no packet matches {} with the rest of the rule", prefix.value);
        cx.report(
            Diagnostic::error(E0830, prefix.span, message)
                .label(format!("the rest has nothing of {family}"))
                .hint(
                    "source, destination and protocol of a packet are of one family: write a rule for each",
                ),
        );
    } else if pairs.is_empty() && !is_flawed(raw) {
        cx.report(Diagnostic::error(E0830, rule.span, "no packet matches this rule"));
    }
}

fn is_flawed(raw: &AclRuleRaw) -> bool {
    fn of<T>(field: &Field<T>) -> bool {
        field.is_flawed()
    }
    of(&raw.source) || of(&raw.destination) || of(&raw.protocol)
}
