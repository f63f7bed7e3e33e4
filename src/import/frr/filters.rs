//! The filters of neighbours and peer-groups.

use super::Frr;
use super::session::{Peer, Said};
use crate::import::document::Place;
use crate::import::left::Why;
use crate::import::policy::{Entry, Family};
use std::collections::HashMap;

/// What filters the routes of one direction; FRR applies all of them.
#[derive(Debug, Default)]
pub(super) struct Filters {
    route_map: Option<(String, Place)>,
    prefix_lists: Vec<(Family, String, Place)>,
    as_path_lists: Vec<(String, String, Place)>,
    others: Vec<(String, Place)>,
}

impl Frr {
    /// `neighbor PEER FILTER NAME WAY`
    pub(super) fn filter(&mut self, peer: Peer, (filter, name, way): (&str, &str, &str), said: Said<'_>) {
        let Said {
            family, line, place, ..
        } = said;
        let way = match way {
            "in" => "in",
            "out" => "out",
            _ => return self.not_yet(line, place),
        };
        let filters = self.sessions.filters.entry((peer, way)).or_default();
        match filter {
            "route-map" => match &filters.route_map {
                Some((other, first)) if other != name => {
                    let first = self.site.draft.shown(*first);
                    let why =
                        format!("both families of a peer-group have one route-map here, that of {first}");
                    self.leave(line, place, Why::Because(why));
                }
                Some(_) => {}
                None => filters.route_map = Some((name.to_owned(), place)),
            },
            "prefix-list" => {
                let family = family.unwrap_or(Family::V4);
                filters.prefix_lists.push((family, name.to_owned(), place));
            }
            "filter-list" => filters
                .as_path_lists
                .push((name.to_owned(), line.trim().to_owned(), place)),
            _ => filters.others.push((line.trim().to_owned(), place)),
        }
    }

    /// One route-map, or one made of prefix-lists. Where FRR applies more than that, there is none: the check asks for one.
    pub(super) fn finish_filters(
        &mut self,
        peer: &Peer,
        way: &'static str,
        filters: Filters,
        made: &mut HashMap<Vec<(Family, String)>, String>,
    ) {
        let path = peer.path();
        let lists: Vec<(Family, String)> = filters
            .prefix_lists
            .iter()
            .map(|(family, list, _)| (*family, list.clone()))
            .collect();
        if let Some((list, _, place)) = filters.as_path_lists.first() {
            self.inner_of(&path, "as-path-list", way, list, *place);
        }
        for (_, line, place) in filters.as_path_lists.iter().skip(1) {
            let why = "both families of a peer-group have one as-path-list here".to_owned();
            self.leave(line, *place, Why::Because(why));
        }
        let has_others = !filters.others.is_empty();
        let is_beside_one = self.is_one_list(peer, &filters.prefix_lists);
        let map = match filters.route_map {
            Some((map, place)) if !has_others && (lists.is_empty() || is_beside_one) => Some((map, place)),
            None if !has_others && !lists.is_empty() => {
                let (_, _, place) = filters.prefix_lists[0];
                let map = match made.get(&lists) {
                    Some(map) => map.clone(),
                    None => self.map_of_lists(&lists, place),
                };
                made.insert(lists, map.clone());
                return self.inner_of(&path, "route-map", way, &map, place);
            }
            Some((map, place)) => {
                let why = format!(
                    "the other filters of this direction are not imported, and without them '{map}' would let more through"
                );
                self.leave(&format!("route-map {map} {way}"), place, Why::Because(why));
                None
            }
            None => None,
        };
        if let Some((map, place)) = map {
            self.inner_of(&path, "route-map", way, &map, place);
            if let Some((_, list, place)) = filters.prefix_lists.first() {
                self.inner_of(&path, "prefix-list", way, list, *place);
            }
            return;
        }
        for (_, list, place) in filters.prefix_lists {
            self.not_yet(&format!("prefix-list {list} {way}"), place);
        }
        for (line, place) in filters.others {
            self.not_yet(&line, place);
        }
    }

    /// Names what filters a direction.
    fn inner_of(&mut self, path: &[&str], key: &str, way: &str, foreign: &str, place: Place) {
        let name = self.site.names.policy(foreign);
        self.site.draft.inner(path, key, way, name.as_str(), place);
    }

    /// Whether a neighbour is filtered by one list whose name no list of the other family has.
    fn is_one_list(&self, peer: &Peer, lists: &[(Family, String, Place)]) -> bool {
        let [(_, list, _)] = lists else { return false };
        peer.family().is_some() && self.site.policy.is_of_one_family(list)
    }

    /// A route-map that lets through what prefix-lists permit; its name where it comes from.
    fn map_of_lists(&mut self, lists: &[(Family, String)], place: Place) -> String {
        let list = lists.first().map_or("", |(_, list)| list);
        let mut name = format!("{list}-ONLY");
        while self.site.policy.find(&name).is_some() {
            name.push_str("-2");
        }
        for (number, (family, list)) in (1..).zip(lists) {
            let mut entry = Entry::new(number * 10, "permit", place);
            entry.lists.push((*family, list.clone()));
            self.site.policy.route_map(&name).entries.push(entry);
        }
        name
    }
}
