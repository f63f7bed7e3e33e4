//! VPP's commands: interfaces and what is on them, and the NAT that a second instance does.

use super::Appliance;
use super::table::MAIN;
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::site::Link;
use crate::types::Prefix;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What belongs to NAT, until all commands are read.
#[derive(Debug, Default)]
pub(super) struct Steering {
    /// Interfaces whose traffic is steered.
    from: Vec<(String, Place)>,
    /// Destinations that are not, from wherever.
    exempt: Vec<(String, Place)>,
    /// Sources and destinations between which nothing is.
    bypass: Vec<(String, String, Place)>,
    /// The mappings of each instance.
    mappings: BTreeMap<String, Vec<(String, String, Place)>>,
    /// NICs that a unit moves into the namespace.
    pub moved: Vec<(String, String, Place)>,
}

impl Appliance {
    /// The commands of an instance.
    pub(super) fn commands(&mut self, instance: &str, file: usize, text: &str) {
        self.joints.clear();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', '!']) || line.starts_with("comment") {
                continue;
            }
            let words: Vec<&str> = line.split_whitespace().collect();
            self.command(instance, &words, line, Place { file, line: number });
        }
    }

    fn command(&mut self, instance: &str, words: &[&str], line: &str, place: Place) {
        match *words {
            ["lcp", "create", name, "host-if", host, ..] => self.pair(name, host, place),
            ["set", "interface", "mtu", "packet", mtu, name] | ["set", "interface", "mtu", mtu, name] => {
                self.set(name, "mtu", Value::number(mtu), line, place);
            }
            ["set", "interface", "promiscuous", "on", name] => {
                self.set(name, "promiscuous", true.into(), line, place);
            }
            ["set", "interface", "ip", "address", name, ref addresses @ ..] => {
                for address in addresses {
                    self.address(name, address, line, place);
                }
            }
            ["set", "interface", "name", old, new] => self.rename(old, new, place),
            ["create", "loopback", "interface", ref rest @ ..] => {
                let number = match *rest {
                    ["instance", number, ..] | [.., "instance", number] => number,
                    _ => "0",
                };
                let foreign = format!("loop{number}");
                let link = self.site.loopback(&foreign);
                self.links.insert(foreign, link);
            }
            ["create", "host-interface", "name", device, ..] => self.host_interface(device, place),
            ["create", "sub-interfaces", parent, tag] => self.vlan(parent, tag, tag, line, place),
            ["create", "sub-interfaces", parent, id, "dot1q", tag]
            | [
                "create",
                "sub-interfaces",
                parent,
                id,
                "dot1q",
                tag,
                "exact-match",
            ] => {
                self.vlan(parent, id, tag, line, place);
            }
            ["create", "interface", "memif", ..] => self.memif(words),
            ["ip6", "nd", name, "no", "ra-suppress"] => self.advertise(name, &[], line, place),
            ["ip6", "nd", name, "ra-interval", most, least] => {
                let intervals = [("max-interval", most), ("min-interval", least)];
                self.advertise(name, &intervals, line, place);
            }
            ["ip6", "nd", name, "ra-interval", most] => {
                self.advertise(name, &[("max-interval", most)], line, place);
            }
            ["ip" | "ip6", "route", "add", prefix, "via", ref rest @ ..] => {
                self.route(instance, (prefix, MAIN), rest, line, place);
            }
            [
                "ip" | "ip6",
                "route",
                "add",
                "table",
                table,
                prefix,
                "via",
                ref rest @ ..,
            ]
            | [
                "ip" | "ip6",
                "route",
                "add",
                prefix,
                "table",
                table,
                "via",
                ref rest @ ..,
            ] => {
                self.route(instance, (prefix, table), rest, line, place);
            }
            ["ip" | "ip6", "table", "add", table] => self.table(instance, table, None, line, place),
            ["ip" | "ip6", "table", "add", table, "name", name] => {
                self.table(instance, table, Some(name), line, place);
            }
            ["set", "interface", family @ ("ip" | "ip6"), "table", name, table] => {
                self.in_table(name, family, table, line, place);
            }
            ["set", "acl-plugin", "acl", ..] => self.acl(line, place),
            ["abf", "attach", "ip4", "policy", _, "priority", _, name]
            | ["abf", "attach", "ip4", "policy", _, name] => match self.links.get(name) {
                Some(link) => self.steering.from.push((link.name.clone(), place)),
                None => self.unknown_interface(name, line, place),
            },
            ["det44", "add", "in", inside, "out", outside] => {
                let mappings = self.steering.mappings.entry(instance.to_owned()).or_default();
                mappings.push((inside.to_owned(), outside.to_owned(), place));
            }
            // The router does these without being told.
            ["vpplog", ..]
            | ["set", "interface", "state", _, "up"]
            | ["lcp", "default" | "lcp-sync" | "lcp-auto-subint", ..]
            | ["create", "memif", "socket", ..]
            | ["abf", "policy", "add", ..]
            | ["det44", "plugin", "enable", ..]
            | ["set", "interface", "det44", ..]
            | ["ip6", "nd", _, "prefix", ..] => {}
            _ => self.leave(place, line, Why::NotYet),
        }
    }

    /// The Linux side of an interface may have another name.
    fn pair(&mut self, name: &str, host: &str, place: Place) {
        if let Some(link) = self.links.get(name) {
            self.site.draft.table(&link.path(), place);
            if !host.contains('.') {
                self.site.names.alias(host, &link.name);
            }
        }
    }

    fn set(&mut self, name: &str, key: &str, value: Value, line: &str, place: Place) {
        match self.links.get(name) {
            // The MTU of a bridge's port is that of the bridge.
            Some(link) if link.path[0] == "incus" || (link.path[0] == "loopbacks" && key == "mtu") => {}
            Some(link) => self.site.draft.set(&link.path(), key, value, place),
            None if self.joints.contains(name) => {}
            None => self.unknown_interface(name, line, place),
        }
    }

    pub(super) fn unknown_interface(&mut self, name: &str, line: &str, place: Place) {
        let why = format!("no interface '{name}' was made before");
        self.leave(place, line, Why::Because(why));
    }

    fn address(&mut self, name: &str, address: &str, line: &str, place: Place) {
        let Some(link) = self.links.get(name).cloned() else {
            if !self.joints.contains(name) {
                self.unknown_interface(name, line, place);
            }
            return;
        };
        if link.path[0] != "incus" {
            return self.site.address(&link, address, place);
        }
        // VPP's address on a bridge is what the containers route to.
        let (host, _) = address.split_once('/').unwrap_or((address, ""));
        let path = link.path();
        match host.parse::<IpAddr>() {
            Ok(host) if host.is_ipv4() => self.site.draft.set(&path, "gateway", Value::text(host), place),
            _ => self.site.draft.set(&path, "gateway6", address, place),
        }
    }

    fn rename(&mut self, old: &str, new: &str, place: Place) {
        let Some(link) = self.links.remove(old) else {
            return;
        };
        self.tables.rename(old, new);
        if link.name == new {
            self.site.names.alias(new, &link.name);
            self.links.insert(new.to_owned(), link);
            return;
        }
        let name = self.site.names.interface(new);
        let renamed = Link {
            path: vec![link.path[0].clone(), name.clone()],
            name,
        };
        let renamed = match link.path[0].as_str() {
            "incus" => Link {
                path: vec!["incus".to_owned(), "bridges".to_owned(), renamed.name.clone()],
                name: renamed.name,
            },
            _ => renamed,
        };
        // What was said of it so far moves along.
        let moved = self.site.draft.take(&link.path());
        let table = self.site.draft.table(&renamed.path(), place);
        if let Some(moved) = moved {
            *table = moved;
        }
        self.links.insert(new.to_owned(), renamed);
    }

    /// A port of a bridge where its name says so, else a NIC that keeps its kernel driver.
    fn host_interface(&mut self, device: &str, place: Place) {
        let foreign = format!("host-{device}");
        if device.starts_with("incus") {
            let bridge = device.trim_end_matches("-vpp").trim_end_matches("-dp");
            let name = self.site.names.interface(bridge);
            let path = vec!["incus".to_owned(), "bridges".to_owned(), name.clone()];
            let link = Link { path, name };
            let table = self.site.draft.table(&link.path(), place);
            table
                .notes
                .push("Its own address is missing: address = \"10.234.116.1/24\"".to_owned());
            self.links.insert(foreign, link);
            return;
        }
        let link = self.site.interface(device);
        self.site
            .draft
            .inner(&link.path(), "match", "name", device, place);
        self.site.draft.set(&link.path(), "attach", "af-packet", place);
        self.links.insert(foreign, link);
    }

    fn vlan(&mut self, parent: &str, id: &str, tag: &str, line: &str, place: Place) {
        let name = match self.links.get(parent) {
            Some(link) if link.path.len() == 2 && link.path[0] == "interfaces" => link.name.clone(),
            _ => return self.unknown_interface(parent, line, place),
        };
        let Ok(tag) = tag.parse() else {
            return self.leave(
                place,
                line,
                Why::Because("expected a tag from 1 to 4094".to_owned()),
            );
        };
        let link = self.site.vlan(&name, tag);
        self.site.draft.table(&link.path(), place);
        self.links.insert(format!("{parent}.{id}"), link);
    }

    /// `create interface memif id ID socket-id SOCKET`: a joint of two instances.
    fn memif(&mut self, words: &[&str]) {
        let after = |key: &str| {
            let at = words.iter().position(|word| *word == key)?;
            words.get(at + 1)
        };
        if let (Some(id), Some(socket)) = (after("id"), after("socket-id")) {
            self.joints.insert(format!("memif{socket}/{id}"));
        }
    }

    fn advertise(&mut self, name: &str, intervals: &[(&str, &str)], line: &str, place: Place) {
        let Some(link) = self.links.get(name) else {
            return self.unknown_interface(name, line, place);
        };
        let path = link.path();
        let table = self.site.draft.table(&path, place);
        if !table.has("ra") {
            let _ = table.set("ra", Value::Inline(Vec::new()), place);
        }
        for (key, seconds) in intervals {
            self.site
                .draft
                .inner(&path, "ra", key, Value::number(seconds), place);
        }
    }

    /// Routes to and from NAT are made without being told; others are static routes.
    fn route(
        &mut self,
        instance: &str,
        (prefix, table): (&str, &str),
        rest: &[&str],
        line: &str,
        place: Place,
    ) {
        let is_joint = rest.last().is_some_and(|last| self.joints.contains(*last));
        if is_joint || instance != "core" {
            return;
        }
        let value = match *rest {
            ["blackhole" | "drop" | "null-send-unreach"] => vec![("blackhole".to_owned(), true.into())],
            [hop] if hop.parse::<IpAddr>().is_ok() => vec![("via".to_owned(), hop.into())],
            [hop, name] if hop.parse::<IpAddr>().is_ok() => match self.links.get(name) {
                Some(link) => vec![
                    ("via".to_owned(), hop.into()),
                    ("interface".to_owned(), link.name.as_str().into()),
                ],
                None => return self.unknown_interface(name, line, place),
            },
            _ => return self.leave(place, line, Why::NotYet),
        };
        let prefix = prefix
            .parse::<Prefix>()
            .map_or_else(|_| prefix.to_owned(), |prefix| prefix.to_string());
        let Some(routing) = self.routing(table, line, place) else {
            return;
        };
        let routes = self.site.draft.table(&routing.path(&["routes"]), place);
        routes.one_or_more(&prefix, Value::Inline(value), place);
    }

    /// The rules that keep traffic out of NAT; what is steered is the inside of the mappings.
    fn acl(&mut self, line: &str, place: Place) {
        let rules = line.trim_start_matches("set acl-plugin acl");
        for rule in rules.split(',') {
            match rule.split_whitespace().collect::<Vec<_>>()[..] {
                ["deny", "src", "0.0.0.0/0", "dst", to, ..] => {
                    self.steering.exempt.push((to.to_owned(), place))
                }
                ["deny", "src", from, "dst", to, ..] => {
                    let pair = (from.to_owned(), to.to_owned(), place);
                    self.steering.bypass.push(pair);
                }
                ["permit", "src", _, "dst", "0.0.0.0/0", ..] => {}
                _ => self.leave(place, rule, Why::NotYet),
            }
        }
    }

    /// Makes a NAT module of each instance with mappings.
    pub(super) fn finish_steering(&mut self) {
        let steering = std::mem::take(&mut self.steering);
        let draft = &mut self.site.draft;
        for (number, (instance, mappings)) in steering.mappings.into_iter().enumerate() {
            let name = if number == 0 {
                "cgn".to_owned()
            } else {
                format!("cgn-{instance}")
            };
            let path = ["nat", name.as_str()];
            let Some((_, _, first)) = mappings.first() else {
                continue;
            };
            draft.table(&["vpp", &instance], *first);
            draft.set(&path, "instance", instance.as_str(), *first);
            draft.set(&path, "mode", "det44", *first);
            for (from, place) in &steering.from {
                draft.push(&path, "from", from.as_str(), *place);
            }
            for (to, place) in &steering.exempt {
                draft.push(&path, "exempt", to.as_str(), *place);
            }
            for (source, destination, place) in &steering.bypass {
                let pair = vec![
                    ("source".to_owned(), source.as_str().into()),
                    ("destination".to_owned(), destination.as_str().into()),
                ];
                draft.push(&path, "bypass", Value::Inline(pair), *place);
            }
            for (inside, outside, place) in &mappings {
                let pairs = vec![
                    ("inside".to_owned(), inside.as_str().into()),
                    ("outside".to_owned(), outside.as_str().into()),
                ];
                draft.push(&path, "mappings", Value::Inline(pairs), *place);
            }
        }
        // A bridge's port and a NIC of VPP are in the document by now, a NIC by its name there or by the kernel's.
        let foreign = self.site.foreign_names();
        for (nic, line, place) in steering.moved {
            if !foreign.contains(nic.as_str()) && !nic.starts_with("incus") {
                let why = "VPP does not use this NIC, and nothing but VPP forwards here".to_owned();
                self.leave(place, &line, Why::Because(why));
            }
        }
    }
}
