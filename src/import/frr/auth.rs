//! MD5 of OSPF in frr.conf. The key stands at the interface, and whether it is used there or at the area: a key alone, as it
//! stays behind when MD5 is switched off, authenticates nothing.

use super::Frr;
use super::link::area_of;
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::site::Link;
use indexmap::IndexMap;

/// Keys and modes, until all lines are read.
#[derive(Debug, Default)]
pub(super) struct Auth {
    links: IndexMap<Vec<String>, OfLink>,
    areas: Vec<OfArea>,
}

/// What an interface says.
#[derive(Debug)]
struct OfLink {
    link: Link,
    key: Option<Key>,
    mode: Option<Mode>,
}

#[derive(Debug)]
struct Key {
    id: String,
    secret: String,
    line: String,
    place: Place,
}

/// Whether MD5 is on, with the line that says it.
#[derive(Debug, Clone)]
struct Mode {
    is_md5: bool,
    line: String,
    place: Place,
}

#[derive(Debug)]
struct OfArea {
    area: Value,
    mode: Mode,
}

impl Mode {
    /// `authentication message-digest`, `authentication null`, or a password in the clear.
    fn of(mode: &[&str], line: &str, place: Place) -> Self {
        Self {
            is_md5: mode == ["message-digest"],
            line: line.trim().to_owned(),
            place,
        }
    }
}

impl Frr {
    fn auth_of(&mut self, link: &Link) -> &mut OfLink {
        let new = || OfLink {
            link: link.clone(),
            key: None,
            mode: None,
        };
        self.auth.links.entry(link.path.clone()).or_insert_with(new)
    }

    /// `ip ospf authentication [message-digest|null]`.
    pub(super) fn authentication(&mut self, link: &Link, mode: &[&str], line: &str, place: Place) {
        if !matches!(mode, ["message-digest" | "null"]) {
            self.not_yet(line, place);
        }
        self.auth_of(link).mode = Some(Mode::of(mode, line, place));
    }

    /// `ip ospf message-digest-key ID md5 KEY`.
    pub(super) fn message_digest_key(
        &mut self,
        link: &Link,
        id: &str,
        secret: &str,
        line: &str,
        place: Place,
    ) {
        let key = Key {
            id: id.to_owned(),
            // The part of it that FRR uses.
            secret: secret.chars().take(16).collect(),
            line: line.trim().to_owned(),
            place,
        };
        // While keys are rolled over there are two: FRR sends with the last one.
        if let Some(first) = self.auth_of(link).key.replace(key) {
            let why = "an interface has one key here, the last one, which FRR sends with".to_owned();
            self.leave(&first.line, first.place, Why::Because(why));
        }
    }

    /// `area AREA authentication [message-digest]`.
    pub(super) fn area_authentication(&mut self, area: &str, mode: &[&str], line: &str, place: Place) {
        if mode != ["message-digest"] {
            self.not_yet(line, place);
        }
        let (area, mode) = (area_of(area), Mode::of(mode, line, place));
        self.auth.areas.retain(|other| other.area != area);
        self.auth.areas.push(OfArea { area, mode });
    }

    /// Gives the interfaces with MD5 their keys, once all areas are known.
    pub(super) fn finish_auth(&mut self) {
        let Auth { mut links, areas } = std::mem::take(&mut self.auth);
        for link in self.site.links() {
            let area = self.ospf_of(&link, "area");
            let of_area = areas.iter().find(|it| Some(&it.area) == area.as_ref());
            let said = links.shift_remove(&link.path);
            let (key, own) = said.map_or((None, None), |said| (said.key, said.mode));
            let is_own = own.is_some();
            let mode = own.or_else(|| of_area.map(|it| it.mode.clone()));
            self.settle(&link, key, mode.filter(|mode| mode.is_md5), is_own);
        }
        // Interfaces of which nothing else is said.
        for (_, said) in links {
            let mode = said.mode.filter(|mode| mode.is_md5);
            self.settle(&said.link, said.key, mode, true);
        }
    }

    /// The key of a link, where its mode is MD5.
    fn settle(&mut self, link: &Link, key: Option<Key>, mode: Option<Mode>, is_own: bool) {
        match (key, mode) {
            (Some(key), Some(_)) => {
                let auth = self.auth(link, "ospf", &key.id, &key.secret, None);
                self.site
                    .draft
                    .inner(&link.path(), "ospf", "auth", auth, key.place);
            }
            (Some(key), None) => {
                let why = format!(
                    "MD5 is on neither at {} nor for its area, so FRR does not use the key",
                    link.name
                );
                self.leave(&key.line, key.place, Why::Because(why));
            }
            // A loopback and a passive interface have no neighbour.
            (None, Some(mode)) if is_own || self.has_neighbors(link) => {
                let why = format!(
                    "{} has no message-digest-key, and here MD5 is on where there is a key",
                    link.name
                );
                self.leave(&mode.line, mode.place, Why::Because(why));
            }
            (None, _) => {}
        }
    }

    fn has_neighbors(&self, link: &Link) -> bool {
        let is_loopback = link.path.first().is_some_and(|group| group == "loopbacks");
        !is_loopback && self.ospf_of(link, "passive").is_none()
    }

    /// A key of `ospf` of a link in the document.
    fn ospf_of(&self, link: &Link, key: &str) -> Option<Value> {
        match self.site.draft.find(&link.path())?.value("ospf")? {
            Value::Inline(pairs) => pairs
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value.clone()),
            _ => None,
        }
    }
}
