//! ACLs of vppcfg. It knows prefix-lists by name, whose members become the prefixes of a rule.

use super::Vppcfg;
use crate::import::document::Place;
use crate::import::filter::{self, Acl, Rule};
use crate::import::left::Why;
use crate::import::site::Link;
use crate::import::tree::Node;
use std::net::IpAddr;

impl Vppcfg {
    /// `acls NAME`.
    pub(super) fn acl(&mut self, name: &str, thing: &Node, lists: Option<&Node>) {
        let mut acl = Acl::named(self.site.names.policy(name));
        for term in thing.get("terms").map_or(&[][..], Node::each) {
            let (rule, lost) = self.rule(term, lists);
            acl.add(&rule, lost, term.place(self.file));
        }
        acl.write(&mut self.site.draft, thing.place(self.file));
    }

    /// `acls: { input: NAME, output: NAME }` of an interface.
    pub(super) fn acls(&mut self, link: &Link, name: &str, value: &Node) {
        if value.members().is_empty() {
            self.leave(name, "acls", value, Why::Unknown);
        }
        for (key, list) in value.members() {
            let side = match key.as_str() {
                "input" => "in",
                "output" => "out",
                _ => {
                    self.leave(name, key, list, Why::NotYet);
                    continue;
                }
            };
            match list.each() {
                [] => {}
                [one] => {
                    let acl = self.site.names.policy(one.text().unwrap_or_default());
                    let place = one.place(self.file);
                    self.site
                        .draft
                        .inner(&link.path(), "acl", side, acl.as_str(), place);
                }
                _ => {
                    let why = "a side has one ACL here, which can have the rules of all of them".to_owned();
                    self.leave(name, &format!("acls {key}"), list, Why::Because(why));
                }
            }
        }
    }

    /// The rule of a term, and what of it has no key.
    fn rule(&self, term: &Node, lists: Option<&Node>) -> (Rule, Vec<(String, Place)>) {
        let mut rule = Rule::default();
        let mut lost = Vec::new();
        let family = term.get("family").and_then(Node::text);
        let is_of_family = |address: &IpAddr| match family {
            Some("ipv4") => address.is_ipv4(),
            Some("ipv6") => address.is_ipv6(),
            _ => true,
        };
        for (key, value) in term.members() {
            let text = value.text().unwrap_or_default();
            let one =
                |list: &mut Vec<String>, value: Option<String>| value.map(|value| list.push(value)).is_some();
            let is_known = match key.as_str() {
                "description" | "family" => true,
                "action" => {
                    rule.denies = text == "deny";
                    rule.reflects = text == "permit+reflect";
                    true
                }
                "source" | "destination" => {
                    let prefixes = prefixes(text, lists, &is_of_family);
                    let into = if key == "source" {
                        &mut rule.sources
                    } else {
                        &mut rule.destinations
                    };
                    into.extend(prefixes);
                    text == "any" || !into.is_empty()
                }
                "protocol" if text == "any" => true,
                "protocol" => one(&mut rule.protocols, filter::protocol(text)),
                "source-port" | "destination-port" | "icmp-type" | "icmp-code" if text == "any" => true,
                "source-port" => one(&mut rule.from_ports, filter::port(text)),
                "destination-port" => one(&mut rule.to_ports, filter::port(text)),
                "icmp-type" => one(
                    &mut rule.icmp_types,
                    Some(text.to_owned()).filter(|it| it.parse::<u8>().is_ok()),
                ),
                "icmp-code" if text.parse::<u8>().is_ok() => {
                    rule.icmp_code = Some(text.to_owned());
                    true
                }
                _ => false,
            };
            if !is_known {
                lost.push((format!("{key} {text}"), value.place(self.file)));
            }
        }
        if rule.sources.is_empty() && rule.destinations.is_empty() {
            let all = match family {
                Some("ipv4") => Some("0.0.0.0/0"),
                Some("ipv6") => Some("::/0"),
                _ => None,
            };
            rule.sources.extend(all.map(str::to_owned));
        }
        (rule, lost)
    }
}

/// A prefix, an address as one, or those of a list by its name.
fn prefixes(text: &str, lists: Option<&Node>, is_of_family: &impl Fn(&IpAddr) -> bool) -> Vec<String> {
    let own = prefix(text);
    let listed = lists
        .and_then(|lists| lists.get(text))
        .and_then(|list| list.get("members"));
    let listed = listed.map_or(&[][..], Node::each).iter();
    let listed = listed.filter_map(|member| prefix(member.text()?));
    let all = own.into_iter().chain(listed);
    all.filter(|net| is_of_family(&net.addr()))
        .map(|net| net.to_string())
        .collect()
}

fn prefix(text: &str) -> Option<ipnet::IpNet> {
    let net = match text.parse::<IpAddr>() {
        Ok(host) => ipnet::IpNet::from(host),
        Err(_) => text.parse().ok()?,
    };
    Some(net.trunc())
}
