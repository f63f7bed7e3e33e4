//! `router isis` of frr.conf, and what interfaces say of it. An interface with `isis` has IPv4 in it where it has an IPv4
//! address here.

use super::{Block, Frr, after};
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::policy::Family;
use crate::import::site::Link;
use indexmap::IndexMap;
use std::collections::{BTreeSet, HashSet};

/// IS-IS, until all addresses are known.
#[derive(Debug, Default)]
pub(super) struct Isis {
    /// What the instance is called.
    tag: Option<String>,
    /// What each interface says, by its path.
    links: IndexMap<Vec<String>, (Link, Vec<Line>)>,
}

#[derive(Debug)]
struct Line {
    words: Vec<String>,
    line: String,
    place: Place,
}

impl Isis {
    /// A line of an interface: `ip router isis TAG`, `isis …`.
    pub(super) fn of_interface(&mut self, link: &Link, words: &[&str], line: &str, place: Place) {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        let line = line.trim().to_owned();
        let new = || (link.clone(), Vec::new());
        let (_, lines) = self.links.entry(link.path.clone()).or_insert_with(new);
        lines.push(Line { words, line, place });
    }
}

impl Frr {
    /// `router isis TAG`.
    pub(super) fn enter_isis(&mut self, tag: &str, line: &str, place: Place) {
        let first = self.isis.tag.get_or_insert_with(|| tag.to_owned());
        if first != tag {
            self.block = Block::Lost(Box::new(Block::Top));
            return self.leave(
                line,
                place,
                Why::Because("a router has one IS-IS here".to_owned()),
            );
        }
        self.site.draft.table(&["isis"], place);
        self.block = Block::Isis;
    }

    /// A line of `router isis`.
    pub(super) fn of_isis(&mut self, line: &str, words: &[&str], place: Place) {
        let mut set = |key: &str, value: Value| self.site.draft.set(&["isis"], key, value, place);
        match *words {
            ["net", net] => set("net", net.into()),
            ["is-type", level] => set("level", level.into()),
            ["set-overload-bit"] => set("overload", true.into()),
            // What is so here where nothing is said.
            ["log-adjacency-changes"] | ["metric-style", "wide"] => {}
            ["metric-style", ..] => {
                let why = "every router has wide metrics here".to_owned();
                self.leave(line, place, Why::Because(why));
            }
            ["default-information", "originate", ..] => {
                let why = "it is for both families here: [isis] default-originate = true".to_owned();
                self.leave(line, place, Why::Because(why));
            }
            ["redistribute", _, source, ..] => {
                let why =
                    format!("it is for both families here: [isis] redistribute = {{ {source} = {{}} }}");
                self.leave(line, place, Why::Because(why));
            }
            _ => self.not_yet(line, place),
        }
    }

    /// Gives interfaces what they say, where it means the same here.
    pub(super) fn finish_isis(&mut self) {
        let Isis { tag, links } = std::mem::take(&mut self.isis);
        let mut with_address: HashSet<(Vec<String>, Family)> = HashSet::new();
        for (link, address) in self.site.addresses() {
            with_address.insert((link.path, family_of(address.addr().is_ipv4())));
        }
        for (path, (link, lines)) in links {
            let has = |family| with_address.contains(&(path.clone(), family));
            let mut said = BTreeSet::new();
            let mut is_of_instance = true;
            for line in &lines {
                if let [family, "router", "isis", name] = line.words()[..] {
                    said.insert(family_of(family == "ip"));
                    is_of_instance &= tag.as_deref() == Some(name);
                }
            }
            let why = match () {
                () if said.is_empty() => "the interface is in no IS-IS: there is no 'ip router isis TAG'",
                () if !is_of_instance => "there is no 'router isis' of this name",
                () if has(Family::V4) && !said.contains(&Family::V4) => {
                    "IPv4 takes part here wherever an interface of IS-IS has an IPv4 address"
                }
                () => {
                    let v6 = said.contains(&Family::V6);
                    self.takes_part(&link, &lines, (v6 != has(Family::V6)).then_some(v6));
                    continue;
                }
            };
            for line in lines {
                self.leave(&line.line, line.place, Why::Because(why.to_owned()));
            }
        }
    }

    fn takes_part(&mut self, link: &Link, lines: &[Line], ipv6: Option<bool>) {
        let path = link.path();
        let has_profile = lines
            .iter()
            .any(|it| it.words().starts_with(&["isis", "bfd", "profile"]));
        for line in lines {
            let place = line.place;
            let (key, value) = match line.words()[..] {
                [_, "router", "isis", _] => {
                    let table = self.site.draft.table(&path, place);
                    if !table.has("isis") {
                        let _ = table.set("isis", Value::Inline(Vec::new()), place);
                    }
                    match ipv6 {
                        Some(ipv6) => ("ipv6", ipv6.into()),
                        None => continue,
                    }
                }
                ["isis", "circuit-type", level] => ("level", level.into()),
                ["isis", "network", "point-to-point"] => ("point-to-point", true.into()),
                ["isis", "passive"] => ("passive", true.into()),
                [
                    "isis",
                    key @ ("metric" | "hello-interval" | "hello-multiplier"),
                    number,
                ] => (key, Value::number(number)),
                // FRR has both lines; the other one says more.
                ["isis", "bfd"] if has_profile => continue,
                ["isis", "bfd"] => ("bfd", true.into()),
                ["isis", "bfd", "profile", name] => ("bfd", Value::text(self.site.names.policy(name))),
                ["isis", "password", "md5", ..] => {
                    let file = format!("secrets/isis-{}", link.name);
                    self.site.draft.secret(&file, after(&line.line, 3));
                    ("password-file", Value::text(file))
                }
                _ => {
                    self.not_yet(&line.line, place);
                    continue;
                }
            };
            self.site.draft.inner(&path, "isis", key, value, place);
        }
    }
}

impl Line {
    fn words(&self) -> Vec<&str> {
        self.words.iter().map(String::as_str).collect()
    }
}

fn family_of(is_v4: bool) -> Family {
    match is_v4 {
        true => Family::V4,
        false => Family::V6,
    }
}
