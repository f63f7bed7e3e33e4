//! The YAML of vppcfg: interfaces, their sub-interfaces, bonds, loopbacks, bridge domains, VXLAN tunnels and ACLs.

mod bridge;
mod filter;

use super::document::{Place, Value};
use super::left::Why;
use super::name::is_free;
use super::site::{Link, Site};
use super::tree::{self, Kind, Node};
use bridge::joins;
use std::collections::HashMap;

/// A configuration of vppcfg while it is read.
#[derive(Debug)]
struct Vppcfg {
    site: Site,
    file: usize,
    /// What each interface of VPP is called in the document.
    names: HashMap<String, String>,
    /// The bridge that each loopback is this router's interface on.
    bvis: HashMap<String, String>,
}

/// Reads a configuration of vppcfg.
pub(super) fn read(mut site: Site, file: usize, text: &str) -> Site {
    let tree = match tree::yaml(text) {
        Ok(tree) => tree,
        Err(unreadable) => {
            let line = unreadable.line;
            let why = Why::Because(unreadable.why);
            site.draft.leave(Place { file, line }, "", why);
            return site;
        }
    };
    let mut vppcfg = Vppcfg {
        site,
        file,
        names: HashMap::new(),
        bvis: HashMap::new(),
    };
    vppcfg.name_all(&tree);
    for (section, things) in tree.members() {
        if let Kind::Text(_) | Kind::List(_) | Kind::Switch(_) = things.kind {
            vppcfg.leave(section, "", things, Why::Unknown);
        }
        for (name, thing) in things.members() {
            match section.as_str() {
                "interfaces" if is_in(&tree, "vxlan_tunnels", name) => vppcfg.tunnel(name, thing),
                "interfaces" if is_in(&tree, "taps", name) => vppcfg.leave(section, name, thing, Why::NotYet),
                "interfaces" => vppcfg.interface(name, thing),
                "loopbacks" => vppcfg.loopback(name, thing),
                "bridgedomains" if joins(thing) => vppcfg.bridge(name, thing, &tree),
                "bridgedomains" => {
                    let why = "it joins nothing".to_owned();
                    vppcfg.leave(section, name, thing, Why::Because(why));
                }
                "vxlan_tunnels" => vppcfg.vxlan(name, thing),
                "bondethernets" => vppcfg.bond(name, thing),
                "acls" => vppcfg.acl(name, thing, tree.get("prefixlists")),
                // They are in the rules of the ACLs.
                "prefixlists" => {}
                _ => vppcfg.leave(section, name, thing, Why::NotYet),
            }
        }
    }
    vppcfg.site
}

/// What a configuration of vppcfg may have.
const SECTIONS: [&str; 8] = [
    "interfaces",
    "loopbacks",
    "bridgedomains",
    "vxlan_tunnels",
    "bondethernets",
    "taps",
    "acls",
    "prefixlists",
];

/// Why a text is no configuration of vppcfg.
pub(super) fn refuses(text: &str) -> Option<String> {
    match tree::yaml(text) {
        Ok(tree) if SECTIONS.iter().any(|section| tree.get(section).is_some()) => None,
        Ok(_) => Some(format!(
            "this is not YAML of vppcfg: it has none of {}",
            SECTIONS.join(", ")
        )),
        Err(unreadable) => Some(format!("line {}: {}", unreadable.line, unreadable.why)),
    }
}

impl Vppcfg {
    fn leave(&mut self, section: &str, name: &str, node: &Node, why: Why) {
        let place = node.place(self.file);
        self.site.draft.leave(place, &format!("{section} {name}"), why);
    }

    /// What everything is called that others name.
    fn name_all(&mut self, tree: &Node) {
        let things = |section: &str| tree.get(section).map_or(&[][..], Node::members);
        for (name, _) in things("vxlan_tunnels") {
            let own = self.site.names.tunnel(name, "vxlan_tunnel");
            self.names.insert(name.clone(), own);
        }
        for (name, thing) in things("interfaces") {
            if is_in(tree, "vxlan_tunnels", name) || is_in(tree, "taps", name) {
                continue;
            }
            let host = &foreign(name, thing);
            let own = self.site.interface(host).name;
            self.names.insert(name.clone(), own);
            for (id, sub) in thing.get("sub-interfaces").map_or(&[][..], Node::members) {
                if let Some(tags) = Tags::of(id, sub) {
                    let vlan = self.tagged(host, tags).name;
                    self.names.insert(format!("{name}.{id}"), vlan);
                }
            }
        }
        // An interface of the same name says what it is called.
        for (name, _) in things("bondethernets") {
            if !self.names.contains_key(name) {
                let own = self.site.interface(&name.replace(BOND, "bond")).name;
                self.names.insert(name.clone(), own);
            }
        }
        for (name, domain) in things("bridgedomains").iter().filter(|(_, it)| joins(it)) {
            let bvi = domain.get("bvi").and_then(Node::text);
            let loopback = bvi.and_then(|bvi| Some((bvi, tree.get("loopbacks")?.get(bvi)?)));
            if let Some((bvi, loopback)) = loopback {
                let bridge = self.site.names.interface(linux_name(loopback).unwrap_or(name));
                self.bvis.insert(bvi.to_owned(), bridge);
            }
        }
    }

    fn loopback(&mut self, name: &str, thing: &Node) {
        let Some(bridge) = self.bvis.get(name).cloned() else {
            let link = self.site.loopback(linux_name(thing).unwrap_or(name));
            return self.link(&link, name, thing, &["lcp"]);
        };
        let link = Link {
            path: vec!["bridges".to_owned(), bridge.clone()],
            name: bridge,
        };
        self.link(&link, name, thing, &["lcp"]);
    }

    /// What its entry among the interfaces says of a tunnel.
    fn tunnel(&mut self, name: &str, thing: &Node) {
        let own = self.names.get(name).cloned().unwrap_or_default();
        let link = Link {
            path: vec!["tunnels".to_owned(), own.clone()],
            name: own,
        };
        self.link(&link, name, thing, &[]);
    }

    fn vxlan(&mut self, name: &str, thing: &Node) {
        let own = self.names.get(name).cloned().unwrap_or_default();
        let path = ["tunnels", own.as_str()];
        let place = thing.place(self.file);
        self.site.draft.set(&path, "type", "vxlan", place);
        for (key, value) in thing.members() {
            let place = value.place(self.file);
            let text = value.text().unwrap_or_default();
            match key.as_str() {
                "local" => self.site.draft.set(&path, "source", text, place),
                "remote" => self.site.draft.set(&path, "destination", text, place),
                "vni" => self.site.draft.set(&path, "vni", Value::number(text), place),
                _ => self.leave(name, key, value, Why::NotYet),
            }
        }
    }

    /// An interface is called as its Linux side is, which the operator chose, and matched by VPP's name: it has the PCI
    /// address in it.
    fn interface(&mut self, name: &str, thing: &Node) {
        let host = foreign(name, thing);
        let link = self.site.interface(&host);
        let place = thing.place(self.file);
        if let Some(pci) = pci_of(name) {
            self.site
                .draft
                .inner(&link.path(), "match", "pci", pci.as_str(), place);
        }
        self.link(&link, name, thing, &["lcp", "sub-interfaces", "device-type"]);
        let subs = thing.get("sub-interfaces").map_or(&[][..], Node::members);
        for (id, sub) in subs {
            self.sub_interface(&host, name, id, sub);
        }
    }

    /// The VLAN of these tags.
    fn tagged(&mut self, parent: &str, tags: Tags) -> Link {
        let link = self.site.vlan(parent, tags.outer);
        match tags.inner {
            Some(inner) => link.inner(inner),
            None => link,
        }
    }

    fn sub_interface(&mut self, parent: &str, name: &str, id: &str, sub: &Node) {
        let own = format!("{name}.{id}");
        let Some(tags) = Tags::of(id, sub) else {
            let why = "expected a tag from 1 to 4094, and one inside of it at most".to_owned();
            return self.leave(&own, "", sub, Why::Because(why));
        };
        if tags.is_service {
            let outer = self.site.vlan(parent, tags.outer);
            let place = sub.place(self.file);
            self.site.draft.set(&outer.path(), "type", "dot1ad", place);
        }
        let link = self.tagged(parent, tags);
        self.link(&link, &own, sub, &["lcp", "encapsulation"]);
    }

    /// A bond is an interface of its own name, with an entry among the interfaces for the rest.
    fn bond(&mut self, name: &str, thing: &Node) {
        let own = self.names.get(name).cloned().unwrap_or_default();
        let path = ["interfaces", own.as_str()];
        let of_all = thing.place(self.file);
        let mut members = Vec::new();
        for member in thing.get("interfaces").map_or(&[][..], Node::each) {
            let text = member.text().unwrap_or_default();
            let link = match self.names.get(text) {
                Some(own) => own.clone(),
                None => {
                    let link = self.site.interface(text);
                    if let Some(pci) = pci_of(text) {
                        self.site.draft.inner(
                            &link.path(),
                            "match",
                            "pci",
                            pci.as_str(),
                            member.place(self.file),
                        );
                    }
                    link.name
                }
            };
            members.push(Value::text(link));
        }
        let text = |key: &str| thing.get(key).and_then(Node::text);
        let mode = text("mode").unwrap_or("lacp");
        let mut set = |key: &str, value: Value| self.site.draft.inner(&path, "bond", key, value, of_all);
        set("members", Value::List(members));
        set("mode", mode.into());
        if let Some(balance) = text("load-balance").filter(|balance| *balance != "l34") {
            set("load-balance", balance.into());
        }
        for (key, value) in thing.members() {
            let place = value.place(self.file);
            match key.as_str() {
                "interfaces" | "mode" | "load-balance" => {}
                key @ ("description" | "mac") => {
                    let text = value.text().unwrap_or_default();
                    self.site.draft.set(&path, key, text, place);
                }
                _ => self.leave(name, key, value, Why::NotYet),
            }
        }
    }

    /// What all kinds of interfaces may say; of the other keys these are no loss.
    fn link(&mut self, link: &Link, name: &str, thing: &Node, known: &[&str]) {
        let path = link.path();
        let place = thing.place(self.file);
        self.site.draft.table(&path, place);
        for (key, value) in thing.members() {
            let place = value.place(self.file);
            let text = value.text().unwrap_or_default();
            match key.as_str() {
                key if known.contains(&key) => {}
                "description" => self.site.draft.set(&path, "description", text, place),
                "mtu" => self.site.draft.set(&path, "mtu", Value::number(text), place),
                // This router's interface on a bridge has one made of its name.
                "mac" if path.first() != Some(&"bridges") => self.site.draft.set(&path, "mac", text, place),
                "addresses" => {
                    for address in value.each() {
                        let place = address.place(self.file);
                        self.site.address(link, address.text().unwrap_or_default(), place);
                    }
                }
                "acls" if path.first() != Some(&"loopbacks") => self.acls(link, name, value),
                "unnumbered" => {
                    let why = "not in this version: an interface has addresses of its own".to_owned();
                    self.leave(name, key, value, Why::Because(why));
                }
                "state" if text == "up" => {}
                "state" if path.first() == Some(&"loopbacks") => {
                    let why = "a loopback is always up here, and its addresses are this router's".to_owned();
                    self.leave(name, key, value, Why::Because(why));
                }
                "state" if text == "down" => self.site.draft.set(&path, "enabled", false, place),
                "l2xc" if self.names.contains_key(text) => {
                    let to = self.names.get(text).cloned().unwrap_or_default();
                    self.site.draft.set(&path, "xconnect", to.as_str(), place);
                }
                _ => self.leave(name, key, value, Why::NotYet),
            }
        }
    }
}

/// Whether a section has a thing of this name.
fn is_in(tree: &Node, section: &str, name: &str) -> bool {
    tree.get(section).is_some_and(|things| things.get(name).is_some())
}

/// What VPP calls a bond, before the number; it keeps such names for itself.
const BOND: &str = "BondEthernet";

/// What an interface is called where it comes from: as its Linux side, if it has one.
fn foreign(name: &str, thing: &Node) -> String {
    linux_name(thing).map_or_else(|| name.replace(BOND, "bond"), str::to_owned)
}

/// What an interface is called in Linux, where that is a name for the document.
fn linux_name(thing: &Node) -> Option<&str> {
    let host = thing.get("lcp").and_then(Node::text);
    host.filter(|host| is_free(host))
}

/// The tags of a sub-interface.
#[derive(Debug, Clone, Copy)]
struct Tags {
    outer: u16,
    inner: Option<u16>,
    /// Whether the outer one is of 802.1ad.
    is_service: bool,
}

impl Tags {
    /// Those of the encapsulation; without one the id is the tag.
    fn of(id: &str, sub: &Node) -> Option<Self> {
        let tag = |text: &str| text.parse().ok().filter(|tag| (1..=4094).contains(tag));
        let (mut outer, mut inner, mut is_service) = (None, None, false);
        for (key, value) in sub.get("encapsulation").map_or(&[][..], Node::members) {
            let text = value.text().unwrap_or_default();
            match key.as_str() {
                "dot1q" => outer = Some(tag(text)?),
                "dot1ad" => (outer, is_service) = (Some(tag(text)?), true),
                "inner-dot1q" => inner = Some(tag(text)?),
                // A frame belongs to the sub-interface with exactly its tags.
                "exact-match" => {}
                _ => return None,
            }
        }
        Some(Self {
            outer: outer.or_else(|| tag(id))?,
            inner,
            is_service,
        })
    }
}

/// The PCI address in VPP's name of a NIC: `GigabitEthernet3/0/0` is 0000:03:00.0, in hexadecimal.
fn pci_of(name: &str) -> Option<String> {
    let (_, numbers) = name.split_once("Ethernet")?;
    let numbers = numbers
        .split('/')
        .map(|number| u8::from_str_radix(number, 16).ok());
    match numbers.collect::<Option<Vec<u8>>>()?[..] {
        [bus, slot, function] if slot < 32 && function < 8 => {
            Some(format!("0000:{bus:02x}:{slot:02x}.{function}"))
        }
        _ => None,
    }
}
