//! VLANs and port channels of SONiC. A VLAN of one port is a VLAN of a NIC here, one of several ports a bridge.

use super::routing::VRF;
use super::{Sonic, field, list};
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::relay::{self, Relay};
use crate::import::site::Link;
use crate::import::tree::Node;
use indexmap::IndexMap;
use std::collections::{HashMap, HashSet};

/// VLANs and port channels, until all tables are read.
#[derive(Debug, Default)]
pub(super) struct Switching {
    vlans: IndexMap<String, Vlan>,
    channels: IndexMap<String, Channel>,
    /// The members of port channels, as they are called here.
    members: HashSet<String>,
    /// What each VLAN is here.
    links: HashMap<String, Link>,
}

impl Switching {
    /// What a VLAN is here, once all are known.
    pub(super) fn link(&self, vlan: &str) -> Option<Link> {
        self.links.get(vlan).cloned()
    }

    /// Whether an interface is a member of a port channel.
    pub(super) fn is_member(&self, name: &str) -> bool {
        self.members.contains(name)
    }
}

#[derive(Debug, Default)]
struct Vlan {
    tag: Option<u16>,
    /// The ports, and whether their frames have the tag.
    members: Vec<(String, bool)>,
    addresses: Vec<(String, Place)>,
    /// The VRF it says, and where.
    vrf: Option<(String, Place)>,
    values: Vec<(&'static str, Value, Place)>,
    /// The servers of DHCP, of each family.
    servers: [Vec<String>; 2],
    place: Option<Place>,
}

#[derive(Debug, Default)]
struct Channel {
    members: Vec<String>,
    is_fast: bool,
    place: Option<Place>,
}

impl Sonic {
    fn vlan_named(&mut self, name: &str, place: Place) -> &mut Vlan {
        let vlan = self.switching.vlans.entry(name.to_owned()).or_default();
        vlan.place.get_or_insert(place);
        vlan
    }

    /// `VLAN|Vlan1000`.
    pub(super) fn vlan(&mut self, name: &str, fields: &Node) {
        let place = fields.place(self.file);
        let tag = field(fields, "vlanid").or_else(|| name.strip_prefix("Vlan"));
        let tag = tag
            .and_then(|tag| tag.parse().ok())
            .filter(|tag| (1..=4094).contains(tag));
        let servers = list(fields, "dhcp_servers");
        let servers6 = list(fields, "dhcpv6_servers");
        let vlan = self.vlan_named(name, place);
        vlan.tag = tag;
        vlan.servers[0].extend(servers);
        vlan.servers[1].extend(servers6);
        if let Some(mtu) = field(fields, "mtu") {
            vlan.values.push(("mtu", Value::number(mtu), place));
        }
        if let Some(text) = field(fields, "description").filter(|text| !text.is_empty()) {
            vlan.values.push(("description", text.into(), place));
        }
        if field(fields, "admin_status") == Some("down") {
            vlan.values.push(("enabled", false.into(), place));
        }
        let known = [
            "vlanid",
            "dhcp_servers",
            "dhcpv6_servers",
            "mtu",
            "description",
            "admin_status",
            "alias",
            "members",
            "mac",
        ];
        if let Some(mac) = self.mac.clone() {
            self.leave_unless("VLAN", name, fields, &[("mac", &mac)]);
        } else if let Some(mac) = fields.get("mac") {
            self.leave("VLAN", &format!("{name} mac"), mac, Why::NotYet);
        }
        self.leave_others("VLAN", name, fields, &known);
    }

    /// `VLAN_MEMBER|Vlan1000|Ethernet4`.
    pub(super) fn vlan_member(&mut self, name: &str, port: &str, fields: &Node) {
        let is_tagged = field(fields, "tagging_mode") != Some("untagged");
        let place = fields.place(self.file);
        let vlan = self.vlan_named(name, place);
        vlan.members.push((port.to_owned(), is_tagged));
        self.leave_others(
            "VLAN_MEMBER",
            &format!("{name} {port}"),
            fields,
            &["tagging_mode"],
        );
    }

    /// `VLAN_INTERFACE|Vlan1000|10.1.1.1/24`.
    pub(super) fn vlan_address(&mut self, name: &str, address: &str, place: Place) {
        let vlan = self.vlan_named(name, place);
        vlan.addresses.push((address.to_owned(), place));
    }

    /// `VLAN_INTERFACE|Vlan1000`.
    pub(super) fn vlan_in_vrf(&mut self, name: &str, fields: &Node) {
        if let Some(vrf) = field(fields, VRF).filter(|vrf| !vrf.is_empty()) {
            let place = fields.place(self.file);
            self.vlan_named(name, place).vrf = Some((vrf.to_owned(), place));
        }
    }

    /// `DHCP_RELAY|Vlan1000`.
    pub(super) fn dhcp_relay(&mut self, name: &str, fields: &Node) {
        let place = fields.place(self.file);
        let (servers, servers6) = (list(fields, "dhcpv4_servers"), list(fields, "dhcpv6_servers"));
        let vlan = self.vlan_named(name, place);
        vlan.servers[0].extend(servers);
        vlan.servers[1].extend(servers6);
        self.leave_others("DHCP_RELAY", name, fields, &["dhcpv4_servers", "dhcpv6_servers"]);
    }

    /// `PORTCHANNEL|PortChannel01`.
    pub(super) fn channel(&mut self, name: &str, fields: &Node) {
        let place = fields.place(self.file);
        let link = self.site.interface(name);
        let path = link.path();
        self.site.draft.table(&path, place);
        if let Some(mtu) = field(fields, "mtu") {
            self.site.draft.set(&path, "mtu", Value::number(mtu), place);
        }
        if let Some(text) = field(fields, "description").filter(|text| !text.is_empty()) {
            self.site.draft.set(&path, "description", text, place);
        }
        if field(fields, "admin_status") == Some("down") {
            self.site.draft.set(&path, "enabled", false, place);
        }
        if field(fields, "min_links").is_some_and(|links| links != "0" && links != "1") {
            let why = "VPP keeps a bond up as long as one member is".to_owned();
            self.leave(
                "PORTCHANNEL",
                &format!("{name} min_links"),
                fields,
                Why::Because(why),
            );
        }
        let channel = self.switching.channels.entry(name.to_owned()).or_default();
        channel.place = Some(place);
        channel.is_fast = field(fields, "fast_rate") == Some("true");
        let known = [
            "mtu",
            "description",
            "admin_status",
            "min_links",
            "fast_rate",
            "lacp_key",
            "members",
        ];
        self.leave_others("PORTCHANNEL", name, fields, &known);
    }

    /// `PORTCHANNEL_MEMBER|PortChannel01|Ethernet8`.
    pub(super) fn channel_member(&mut self, name: &str, port: &str, place: Place) {
        let link = self.site.interface(port);
        self.site.draft.table(&link.path(), place);
        let channel = self.switching.channels.entry(name.to_owned()).or_default();
        channel.place.get_or_insert(place);
        channel.members.push(link.name.clone());
        self.switching.members.insert(link.name);
    }

    pub(super) fn finish_switching(&mut self) {
        for (name, channel) in std::mem::take(&mut self.switching.channels) {
            let Some(place) = channel.place else { continue };
            let link = self.site.interface(&name);
            let members = channel.members.iter().map(Value::text).collect();
            let mut set =
                |key: &str, value: Value| self.site.draft.inner(&link.path(), "bond", key, value, place);
            set("members", Value::List(members));
            set("mode", "lacp".into());
            if !channel.is_fast {
                set("rate", "slow".into());
            }
        }
        let mut relays = Vec::new();
        for (name, vlan) in std::mem::take(&mut self.switching.vlans) {
            let Some(place) = vlan.place else { continue };
            let Some(link) = self.link_of_vlan(&name, &vlan, place) else {
                continue;
            };
            self.switching.links.insert(name, link.clone());
            if let Some((vrf, place)) = &vlan.vrf {
                let routing = self.site.vrf(vrf, *place);
                self.site.put_into(&link, &routing, *place);
            }
            for (address, place) in &vlan.addresses {
                self.site.address(&link, address, *place);
            }
            for (key, value, place) in vlan.values {
                self.site.draft.set(&link.path(), key, value, place);
            }
            for servers in vlan.servers.into_iter().filter(|servers| !servers.is_empty()) {
                relays.push(Relay {
                    link: link.clone(),
                    servers,
                    place,
                });
            }
        }
        relay::write(&mut self.site, relays);
    }

    /// What a VLAN is here; nothing where it leads nowhere.
    fn link_of_vlan(&mut self, name: &str, vlan: &Vlan, place: Place) -> Option<Link> {
        let leave = |why: &str, sonic: &mut Self| {
            sonic
                .site
                .draft
                .leave(place, &format!("VLAN {name}"), Why::Because(why.to_owned()));
            None
        };
        let Some(tag) = vlan.tag else {
            return leave("it has no vlanid", self);
        };
        match &vlan.members[..] {
            [] => leave("no port is a member of it", self),
            [_] if vlan.addresses.is_empty() => leave("it joins one port with nothing", self),
            [(port, true)] => Some(self.site.vlan(port, tag)),
            [(port, false)] => Some(self.site.interface(port)),
            members => {
                let bridge = self.site.bridge(name);
                for (port, is_tagged) in members {
                    let member = match is_tagged {
                        true => self.site.vlan(port, tag),
                        false => self.site.interface(port),
                    };
                    self.site.draft.table(&member.path(), place);
                    self.site
                        .draft
                        .push(&bridge.path(), "members", member.name.as_str(), place);
                }
                Some(bridge)
            }
        }
    }
}
