//! The YAML of vppcfg: interfaces, their sub-interfaces, and loopbacks.

use super::document::{Place, Value};
use super::left::Why;
use super::site::{Link, Site};
use super::tree::{self, Node};
use crate::types::IfName;

/// A configuration of vppcfg while it is read.
#[derive(Debug)]
struct Vppcfg {
    site: Site,
    file: usize,
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
    let mut vppcfg = Vppcfg { site, file };
    for (section, things) in tree.members() {
        for (name, thing) in things.members() {
            match section.as_str() {
                "interfaces" => vppcfg.interface(name, thing),
                "loopbacks" => {
                    let host = thing.get("lcp").and_then(Node::text).unwrap_or(name);
                    let link = vppcfg.site.loopback(host);
                    vppcfg.link(&link, name, thing, &["lcp", "mtu"]);
                }
                _ => vppcfg.leave(section, name, thing, Why::NotYet),
            }
        }
    }
    vppcfg.site
}

impl Vppcfg {
    fn leave(&mut self, section: &str, name: &str, node: &Node, why: Why) {
        let place = node.place(self.file);
        self.site.draft.leave(place, &format!("{section} {name}"), why);
    }

    /// An interface is called as its Linux side is, which the operator chose, and matched by VPP's name: it has the PCI
    /// address in it.
    fn interface(&mut self, name: &str, thing: &Node) {
        let host = thing.get("lcp").and_then(Node::text);
        let host = host.filter(|host| host.parse::<IfName>().is_ok());
        let link = self.site.interface(host.unwrap_or(name));
        let place = thing.place(self.file);
        if let Some(pci) = pci_of(name) {
            self.site
                .draft
                .inner(&link.path(), "match", "pci", pci.as_str(), place);
        }
        self.link(&link, name, thing, &["lcp", "sub-interfaces", "device-type"]);
        let subs = thing.get("sub-interfaces").map_or(&[][..], Node::members);
        for (id, sub) in subs {
            self.sub_interface(host.unwrap_or(name), name, id, sub);
        }
    }

    fn sub_interface(&mut self, parent: &str, name: &str, id: &str, sub: &Node) {
        let own = format!("{name}.{id}");
        let encapsulation = sub.get("encapsulation").map_or(&[][..], Node::members);
        let mut tag = id;
        for (key, value) in encapsulation {
            match key.as_str() {
                "dot1q" => tag = value.text().unwrap_or(id),
                // A frame belongs to the sub-interface with exactly its tags.
                "exact-match" => {}
                _ => return self.leave(&own, key, value, Why::NotYet),
            }
        }
        match tag.parse() {
            Ok(tag) if (1..=4094).contains(&tag) => {
                let link = self.site.vlan(parent, tag);
                self.link(&link, &own, sub, &["lcp", "encapsulation"]);
            }
            _ => self.leave(
                &own,
                "",
                sub,
                Why::Because("expected a tag from 1 to 4094".to_owned()),
            ),
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
                "addresses" => {
                    for address in value.each() {
                        let place = address.place(self.file);
                        self.site.address(link, address.text().unwrap_or_default(), place);
                    }
                }
                "state" if text == "up" => {}
                _ => self.leave(name, key, value, Why::NotYet),
            }
        }
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
