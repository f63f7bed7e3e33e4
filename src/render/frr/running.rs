//! The numbers in the frr.conf that FRR runs, so that the next one can keep them.

use crate::types::{PolicyName, lines};
use foldhash::HashMap;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The frr.conf that FRR runs; empty when there is none. Shared: that of a transit router has 17 MB.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Running(Arc<String>);

impl From<String> for Running {
    fn from(conf: String) -> Self {
        Self(Arc::new(conf))
    }
}

impl fmt::Debug for Running {
    /// Without the text: passwords are in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Running(…)")
    }
}

/// What has a number, with that number, in the order of the numbers.
pub(super) type Before<K> = Vec<(u32, K)>;

/// The members of a list by the part of it they are in, from 1.
pub(super) type Parts<'t> = BTreeMap<u32, Before<&'t str>>;

/// Everything in a frr.conf that has a number.
#[derive(Debug, Default)]
pub(super) struct Numbered<'t> {
    lists: HashMap<&'t str, Parts<'t>>,
    route_maps: HashMap<&'t str, Before<String>>,
}

impl Running {
    /// What has a number in it; a line that cannot be read has none.
    pub(super) fn numbered(&self) -> Numbered<'_> {
        let mut numbered = Numbered::default();
        // The members of a list stand together, and are nearly all there is.
        let mut list = ("", Before::new());
        let mut lines = lines(&self.0).peekable();
        while let Some(line) = lines.next() {
            if let Some(member) = line.strip_prefix(list.0).and_then(member) {
                list.1.push(member);
            } else if let Some((name, member)) = list_line(line) {
                numbered.add(std::mem::replace(&mut list, (name, vec![member])));
            } else if let Some((map, action, number)) = route_map_line(line) {
                let mut key = action.to_owned();
                while let Some(line) = lines.next_if(|line| line.starts_with(' ')) {
                    if line.starts_with(" match ") {
                        key.push_str(line);
                    }
                }
                let entries = numbered.route_maps.entry(map).or_default();
                entries.push((number, key));
            }
        }
        numbered.add(list);
        let parts = numbered.lists.values_mut().flat_map(BTreeMap::values_mut);
        parts.for_each(in_order);
        numbered.route_maps.values_mut().for_each(in_order);
        numbered
    }
}

impl<'t> Numbered<'t> {
    fn add(&mut self, (list, members): (&'t str, Before<&'t str>)) {
        if members.is_empty() {
            return;
        }
        let (list, part) = base_and_part(list);
        let parts = self.lists.entry(list).or_default();
        parts.entry(part).or_default().extend(members);
    }

    /// The parts of a list; `start` is what its lines begin with, up to the name.
    pub(super) fn parts(&self, start: &str, name: &str) -> Option<&Parts<'t>> {
        self.lists.get(format!("{start}{name}").as_str())
    }

    /// The entries of a route-map.
    pub(super) fn route_map(&self, name: &PolicyName) -> &[(u32, String)] {
        self.route_maps.get(name.as_ref()).map_or(&[], Vec::as_slice)
    }
}

fn in_order<K>(before: &mut Before<K>) {
    if before.is_sorted_by(|a, b| a.0 < b.0) {
        return;
    }
    before.sort_by_key(|(number, _)| *number);
    before.dedup_by_key(|(number, _)| *number);
}

/// `ip prefix-list CUSTOMERS seq 5 permit 10.0.0.0/8`: the list, and its member.
fn list_line(line: &str) -> Option<(&str, (u32, &str))> {
    let starts = [
        "ip prefix-list ",
        "ipv6 prefix-list ",
        "bgp as-path access-list ",
        "bgp community-list ",
        "bgp large-community-list ",
    ];
    if !starts.iter().any(|start| line.starts_with(start)) {
        return None;
    }
    let at = line.find(" seq ")?;
    Some((&line[..at], member(&line[at..])?))
}

/// ` seq 5 permit 10.0.0.0/8`: the number and the member.
fn member(rest: &str) -> Option<(u32, &str)> {
    let (number, member) = rest.strip_prefix(" seq ")?.split_once(' ')?;
    Some((number.parse().ok()?, member))
}

/// `route-map IN permit 10`: the map, the action and the number.
fn route_map_line(line: &str) -> Option<(&str, &str, u32)> {
    let mut words = line.strip_prefix("route-map ")?.split(' ');
    let (map, action, number) = (words.next()?, words.next()?, words.next()?);
    Some((map, action, number.parse().ok()?))
}

/// The list a part belongs to, and which part it is.
fn base_and_part(list: &str) -> (&str, u32) {
    let divided = list.rsplit_once('/');
    let part = divided.and_then(|(base, part)| Some((base, part.parse().ok()?)));
    part.unwrap_or((list, 1))
}
