//! What the terms of packet filters of Junos match.

use crate::import::document::Place;
use crate::import::filter::{self, Rule};
use crate::types::Prefix;

/// IPv4 or IPv6, as Junos calls them.
pub(super) type FamilyWord = &'static str;

/// A term of a filter.
#[derive(Debug)]
pub(super) struct Term {
    /// What it matches, and what becomes of that.
    pub rule: Rule,
    /// Whether it leaves that to the terms behind it.
    pub goes_on: bool,
    /// Conditions that have no key: without them it would match more.
    pub lost: Vec<(String, Place)>,
    /// Lists whose prefixes it matches, and whether these are sources.
    pub lists: Vec<(String, bool)>,
    /// Where it begins.
    pub place: Place,
}

/// The family of a filter; one without is of IPv4.
pub(super) fn family(word: &str) -> Option<FamilyWord> {
    match word {
        "inet" => Some("inet"),
        "inet6" => Some("inet6"),
        _ => None,
    }
}

/// Everything of a family.
pub(super) fn all_of(family: FamilyWord) -> String {
    let all = if family == "inet" { "0.0.0.0/0" } else { "::/0" };
    all.to_owned()
}

impl Term {
    /// `from …`; whether there is a key for it.
    pub fn matches(&mut self, of: FamilyWord, from: &[&str]) -> bool {
        let rule = &mut self.rule;
        let prefix = |text: &str| {
            let text = super::link::with_length(text);
            text.parse::<Prefix>().ok().map(|prefix| prefix.to_string())
        };
        let into =
            |list: &mut Vec<String>, value: Option<String>| value.map(|value| list.push(value)).is_some();
        match *from {
            ["source-address", address] => into(&mut rule.sources, prefix(address)),
            ["destination-address", address] => into(&mut rule.destinations, prefix(address)),
            ["source-prefix-list", list] => {
                self.lists.push((list.to_owned(), true));
                true
            }
            ["destination-prefix-list", list] => {
                self.lists.push((list.to_owned(), false));
                true
            }
            ["protocol" | "next-header" | "payload-protocol", word] => {
                into(&mut rule.protocols, filter::protocol(word))
            }
            ["source-port", word] => into(&mut rule.from_ports, filter::port(word)),
            ["destination-port", word] => into(&mut rule.to_ports, filter::port(word)),
            ["port", word] => into(&mut rule.either_ports, filter::port(word)),
            ["icmp-type", word] => into(&mut rule.icmp_types, icmp_type(of, word)),
            ["icmp-code", word] if rule.icmp_code.is_none() && word.parse::<u8>().is_ok() => {
                rule.icmp_code = Some(word.to_owned());
                true
            }
            // A packet would have to match each of them.
            ["tcp-established" | "tcp-initial" | "tcp-flags", ..] if !rule.tcp_flags.is_empty() => false,
            ["tcp-established"] => {
                rule.tcp_flags = vec![vec!["ack"], vec!["rst"]];
                true
            }
            ["tcp-initial"] => {
                rule.tcp_flags = vec![vec!["syn", "!ack"]];
                true
            }
            ["tcp-flags", flags] => match tcp_flags(flags) {
                Some(flags) => {
                    rule.tcp_flags = vec![flags];
                    true
                }
                None => false,
            },
            _ => false,
        }
    }
}

/// `syn & !ack`; other operators have no place in one rule.
fn tcp_flags(words: &str) -> Option<Vec<&'static str>> {
    const FLAGS: [&str; 12] = [
        "fin", "!fin", "syn", "!syn", "rst", "!rst", "psh", "!psh", "ack", "!ack", "urg", "!urg",
    ];
    let words = words
        .trim_matches(['(', ')'])
        .split('&')
        .map(|word| word.trim().replace("push", "psh"));
    words
        .map(|word| FLAGS.iter().find(|flag| **flag == word).copied())
        .collect()
}

/// A type of ICMP by number or name; each family has its own.
fn icmp_type(of: FamilyWord, word: &str) -> Option<String> {
    const NAMES: [(&str, Option<u8>, u8); 11] = [
        ("echo-reply", Some(0), 129),
        ("echo-request", Some(8), 128),
        ("unreachable", Some(3), 1),
        ("destination-unreachable", Some(3), 1),
        ("time-exceeded", Some(11), 3),
        ("parameter-problem", Some(12), 4),
        ("packet-too-big", None, 2),
        ("router-solicit", Some(10), 133),
        ("router-advertisement", Some(9), 134),
        ("neighbor-solicit", None, 135),
        ("neighbor-advertisement", None, 136),
    ];
    let named = NAMES.iter().find(|(name, ..)| *name == word);
    let number = match named {
        Some((_, four, _)) if of == "inet" => *four,
        Some((_, _, six)) => Some(*six),
        None => word.parse::<u8>().ok(),
    };
    number.map(|number| number.to_string())
}
