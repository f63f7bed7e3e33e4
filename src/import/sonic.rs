//! SONiC's `config_db.json`: tables of keys with fields.

mod bridge;
mod filter;
mod host;
mod routing;

use super::document::{Place, Value};
use super::left::Why;
use super::site::{Link, Site};
use super::tree::{self, Kind, Node};
use bridge::Switching;
use filter::Filters;
use routing::{DEFAULT, VRF};
use std::collections::{HashMap, HashSet};

/// What an eBGP neighbour of SONiC exchanges without being told: everything.
const ALL: &str = "ALL";

/// What a VLAN adds to the name of its port at most.
const VLAN: usize = ".4094".len();

/// A config_db.json while it is read.
#[derive(Debug)]
struct Sonic {
    site: Site,
    file: usize,
    /// The first neighbour: each has the route-map that lets everything through.
    uses_all: Option<Place>,
    /// The MTUs of the ports.
    mtus: HashMap<String, String>,
    /// The ports that are down, and whether that is because they do not say that they are up.
    down: Vec<(String, bool, Place)>,
    /// The address of the switch, which its VLANs have as well.
    mac: Option<String>,
    /// Whether a neighbour that does not say it is kept down.
    neighbors_are_down: bool,
    switching: Switching,
    filters: Filters,
}

/// Reads a config_db.json.
pub(super) fn read(mut site: Site, file: usize, text: &str) -> Site {
    let tree = match tree::json(text) {
        Ok(tree) => tree,
        Err(unreadable) => {
            let line = unreadable.line;
            let why = Why::Because(unreadable.why);
            site.draft.leave(Place { file, line }, "", why);
            return site;
        }
    };
    let mut sonic = Sonic {
        site,
        file,
        uses_all: None,
        mtus: HashMap::new(),
        down: Vec::new(),
        mac: metadata(&tree, "mac").map(str::to_owned),
        neighbors_are_down: metadata(&tree, "default_bgp_status") == Some("down"),
        switching: Switching::default(),
        filters: Filters::default(),
    };
    sonic.leave_room(&tree);
    let (routes, tables): (Vec<_>, Vec<_>) = tree
        .members()
        .iter()
        .partition(|(name, _)| name == "STATIC_ROUTE");
    tables.iter().for_each(|(name, table)| sonic.table(name, table));
    sonic.finish_switching();
    // They lead over VLANs, which are only known now.
    routes.iter().for_each(|(name, table)| sonic.table(name, table));
    sonic.finish();
    sonic.site
}

/// Why a text is no config_db.json.
pub(super) fn refuses(text: &str) -> Option<String> {
    match tree::json(text) {
        Ok(tree) if matches!(tree.kind, Kind::Map(_)) => None,
        Ok(_) => Some("this is no config_db.json: it is no object of tables".to_owned()),
        Err(unreadable) => Some(unreadable.why),
    }
}

/// What the switch says of itself.
fn metadata<'n>(tree: &'n Node, name: &str) -> Option<&'n str> {
    field(tree.get("DEVICE_METADATA")?.get("localhost")?, name)
}

impl Sonic {
    fn table(&mut self, name: &str, table: &Node) {
        match &table.kind {
            Kind::Map(entries) => {
                for (key, fields) in entries {
                    self.entry(name, key, fields);
                }
            }
            _ => self.leave(name, "", table, Why::Unknown),
        }
    }

    fn leave(&mut self, table: &str, key: &str, node: &Node, why: Why) {
        let place = node.place(self.file);
        self.site.draft.leave(place, &format!("{table} {key}"), why);
    }

    /// Each of these fields that says something else than every configuration without it.
    fn leave_unless(&mut self, table: &str, key: &str, fields: &Node, defaults: &[(&str, &str)]) {
        for (name, default) in defaults {
            if let Some(value) = fields.get(name).filter(|value| value.text() != Some(*default)) {
                let said = value.text().unwrap_or_default();
                self.leave(table, &format!("{key} {name} {said}"), value, Why::NotYet);
            }
        }
    }

    /// Each field that is not among these.
    fn leave_others(&mut self, table: &str, key: &str, fields: &Node, known: &[&str]) {
        for (field, value) in fields.members() {
            if !known.contains(&field.as_str()) && field != "NULL" {
                self.leave(table, &format!("{key} {field}"), value, Why::NotYet);
            }
        }
    }

    fn entry(&mut self, table: &str, key: &str, fields: &Node) {
        let place = fields.place(self.file);
        let parts: Vec<&str> = key.split('|').collect();
        match (table, &parts[..]) {
            ("DEVICE_METADATA", ["localhost"]) => self.metadata(fields),
            ("PORT", [port]) => self.port(port, fields),
            ("INTERFACE" | "PORTCHANNEL_INTERFACE" | "VLAN_SUB_INTERFACE", [name]) => {
                let link = self.link(name);
                self.site.draft.table(&link.path(), place);
                if let Some(tag) = field(fields, "vlan").filter(|tag| !name.ends_with(&format!(".{tag}"))) {
                    let why = format!("its tag is {tag}: [interfaces.NAME.vlan.{tag}]");
                    self.leave(table, key, fields, Why::Because(why));
                }
                if field(fields, "admin_status") == Some("down") {
                    self.site.draft.set(&link.path(), "enabled", false, place);
                }
                self.in_vrf(&link, fields);
                self.leave_others(table, key, fields, &["vlan", "admin_status", VRF]);
            }
            ("INTERFACE" | "PORTCHANNEL_INTERFACE" | "VLAN_SUB_INTERFACE", [name, address]) => {
                let link = self.link(name);
                self.site.address(&link, address, place);
            }
            ("LOOPBACK_INTERFACE", [name]) => {
                let link = self.site.loopback(name);
                self.site.draft.table(&link.path(), place);
                if field(fields, "admin_status") == Some("down") {
                    let why = "a loopback is always up here, and its addresses are this router's".to_owned();
                    self.leave(table, &format!("{key} admin_status"), fields, Why::Because(why));
                }
                self.in_vrf(&link, fields);
                self.leave_others(table, key, fields, &["admin_status", VRF]);
            }
            ("LOOPBACK_INTERFACE", [name, address]) => {
                let link = self.site.loopback(name);
                self.site.address(&link, address, place);
            }
            ("MGMT_INTERFACE", [_, address]) => self.management(address, fields),
            ("VRF", [name]) => self.vrf(name, fields),
            ("BGP_GLOBALS", [vrf]) => self.bgp(vrf, fields),
            ("BGP_NEIGHBOR", [address]) => self.neighbor(key, DEFAULT, address, fields),
            ("BGP_NEIGHBOR", [vrf, address]) => self.neighbor(key, vrf, address, fields),
            ("STATIC_ROUTE", [prefix]) => self.route(key, DEFAULT, prefix, fields),
            ("STATIC_ROUTE", [vrf, prefix]) => self.route(key, vrf, prefix, fields),
            ("MGMT_VRF_CONFIG", ["vrf_global"]) => {
                let why = Why::Foreign("management is in the host's namespace");
                self.leave(table, key, fields, why);
            }
            ("DNS_NAMESERVER", [server]) => self.site.draft.push(&["system"], "nameservers", *server, place),
            ("MGMT_PORT", _) => {
                self.leave_unless(table, key, fields, &[("admin_status", "up"), ("mtu", "1500")]);
                let known = ["admin_status", "mtu", "alias", "description", "speed", "autoneg"];
                self.leave_others(table, key, fields, &known);
            }
            ("VERSIONS", _) => {}
            ("VLAN", [name]) => self.vlan(name, fields),
            ("VLAN_MEMBER", [name, port]) => self.vlan_member(name, port, fields),
            ("VLAN_INTERFACE", [name]) => {
                self.vlan_in_vrf(name, fields);
                let defaults = [("proxy_arp", "disabled"), ("grat_arp", "disabled")];
                self.leave_unless(table, key, fields, &defaults);
                self.leave_others(table, key, fields, &["proxy_arp", "grat_arp", VRF]);
            }
            ("VLAN_INTERFACE", [name, address]) => self.vlan_address(name, address, place),
            ("DHCP_RELAY", [name]) => self.dhcp_relay(name, fields),
            ("PORTCHANNEL", [name]) => self.channel(name, fields),
            ("PORTCHANNEL_MEMBER", [name, port]) => self.channel_member(name, port, place),
            ("ACL_TABLE", [name]) => self.acl_table(name, fields),
            ("ACL_RULE", [table, name]) => self.acl_rule(table, name, fields),
            ("NTP_SERVER", [server]) => self.ntp(server, fields),
            ("SYSLOG_SERVER", [server]) => self.syslog(server, fields),
            ("SNMP_COMMUNITY", [community]) => self.snmp_community(community, fields),
            ("SNMP", [what]) => self.snmp(what, fields),
            ("SNMP_AGENT_ADDRESS_CONFIG", [address, port, ..]) => self.snmp_address(address, port, fields),
            ("SFLOW", ["global"]) => self.sflow(fields),
            ("SFLOW_COLLECTOR", [name]) => self.sflow_collector(name, fields),
            ("SFLOW_SESSION", [port]) => self.sflow_session(port, fields),
            (
                "CRM"
                | "FEATURE"
                | "FLEX_COUNTER_TABLE"
                | "KDUMP"
                | "BUFFER_POOL"
                | "BUFFER_PROFILE"
                | "BUFFER_PG"
                | "BUFFER_QUEUE"
                | "CABLE_LENGTH"
                | "PORT_QOS_MAP"
                | "QUEUE"
                | "SCHEDULER"
                | "WRED_PROFILE"
                | "PFC_WD"
                | "BREAKOUT_CFG"
                | "AUTO_TECHSUPPORT"
                | "AUTO_TECHSUPPORT_FEATURE"
                | "SYSTEM_DEFAULTS",
                _,
            ) => self.leave(table, key, fields, Why::Foreign("")),
            _ => self.leave(table, key, fields, Why::NotYet),
        }
    }

    fn metadata(&mut self, fields: &Node) {
        for (name, value) in fields.members() {
            let place = value.place(self.file);
            let text = value.text().unwrap_or_default();
            match name.as_str() {
                "hostname" => self.site.hostname(text, place),
                "bgp_asn" if text.parse::<u32>().is_ok_and(|asn| asn != 0) => {
                    self.site.draft.set(&["bgp"], "asn", Value::number(text), place);
                }
                "timezone" => self.site.draft.set(&["system"], "timezone", text, place),
                // It is the `admin_status` of the neighbours that have none.
                "default_bgp_status" => {}
                "bgp_router_id" => self.site.draft.set(&["bgp"], "router-id", text, place),
                _ => self.leave("DEVICE_METADATA", name, value, Why::Foreign("")),
            }
        }
    }

    /// A port is an interface here only when something is on it: a switch has more ports than a router has NICs.
    fn port(&mut self, port: &str, fields: &Node) {
        if let Some(mtu) = field(fields, "mtu") {
            self.mtus.insert(port.to_owned(), mtu.to_owned());
        }
        let status = field(fields, "admin_status");
        if status != Some("up") {
            let place = fields.place(self.file);
            self.down.push((port.to_owned(), status.is_none(), place));
        }
        let known = [
            "alias",
            "lanes",
            "index",
            "speed",
            "mtu",
            "admin_status",
            "description",
            "fec",
            "autoneg",
            "pfc_asym",
            "tpid",
            "dhcp_rate_limit",
            "subport",
            "asic_port_name",
            "role",
        ];
        self.leave_unless("PORT", port, fields, &[("tpid", "0x8100")]);
        self.leave_others("PORT", port, fields, &known);
        if let Some(description) = field(fields, "description").filter(|text| !text.is_empty()) {
            let link = self.site.interface(port);
            let place = fields.place(self.file);
            self.site
                .draft
                .set(&link.path(), "description", description, place);
        }
    }

    /// `Ethernet0` or `Ethernet0.25`.
    fn link(&mut self, name: &str) -> Link {
        self.site.device(&long(name))
    }

    /// The same, or a VLAN; none where the VLAN leads nowhere.
    fn routed(&mut self, name: &str) -> Option<Link> {
        match is_vlan(name) {
            true => self.switching.link(name),
            false => Some(self.link(name)),
        }
    }

    /// The names of what has VLANs have room for the tags.
    fn leave_room(&mut self, tree: &Node) {
        let keys = |table: &str| tree.get(table).map_or(&[][..], Node::members).iter();
        for (key, _) in keys("VLAN_SUB_INTERFACE") {
            let name = long(key.split('|').next().unwrap_or(key));
            if let Some((parent, _)) = name.split_once('.') {
                self.site.leave_room(parent, VLAN);
            }
        }
        for (key, fields) in keys("VLAN_MEMBER") {
            if let Some((_, port)) = key.split_once('|')
                && field(fields, "tagging_mode") != Some("untagged")
            {
                self.site.leave_room(port, VLAN);
            }
        }
    }

    fn finish(&mut self) {
        self.finish_filters();
        for (port, is_default, place) in std::mem::take(&mut self.down) {
            let link = self.site.interface(&port);
            let interfaces = self.site.draft.root.child("interfaces");
            // A port that nothing is on is no interface here.
            if interfaces.is_some_and(|interfaces| interfaces.has(&link.name)) {
                self.site.draft.set(&link.path(), "enabled", false, place);
                if is_default && !self.switching.is_member(&link.name) {
                    let table = self.site.draft.table(&link.path(), place);
                    table
                        .notes
                        .push("It has no admin_status: SONiC keeps such a port down.".to_owned());
                }
            }
        }
        if let Some(place) = self.uses_all {
            let map = self.site.policy.route_map(ALL);
            let mut entry = super::policy::Entry::new(10, "permit", place);
            entry.description = Some("SONiC exchanges all routes; choose what to announce".to_owned());
            map.entries.push(entry);
        }
        let Some(interfaces) = self.site.draft.root.child("interfaces") else {
            return;
        };
        let names: HashSet<String> = interfaces.children().map(|(name, _)| name.to_owned()).collect();
        for (port, mtu) in std::mem::take(&mut self.mtus) {
            let name = self.site.interface(&port).name;
            if names.contains(&name) {
                let (path, mtu) = (["interfaces", &name], Value::number(&mtu));
                self.site.draft.set(&path, "mtu", mtu, Place::NOWHERE);
            }
        }
    }
}

/// `Vlan100`.
fn is_vlan(name: &str) -> bool {
    let tag = name.strip_prefix("Vlan");
    tag.is_some_and(|tag| !tag.is_empty() && tag.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `Eth0.25` and `Po01.25` are short for `Ethernet0.25` and `PortChannel01.25`.
fn long(name: &str) -> String {
    let is_short = |short: &str| {
        let rest = name.strip_prefix(short);
        rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    match () {
        () if is_short("Eth") => name.replacen("Eth", "Ethernet", 1),
        () if is_short("Po") => name.replacen("Po", "PortChannel", 1),
        () => name.to_owned(),
    }
}

/// The members of a field: a list, or what stands between commas.
fn list(fields: &Node, name: &str) -> Vec<String> {
    let members = fields.get(name).map_or(&[][..], Node::each).iter();
    let members = members.filter_map(Node::text).flat_map(|text| text.split(','));
    let members = members.map(str::trim).filter(|text| !text.is_empty());
    members.map(str::to_owned).collect()
}

/// The text of a field.
fn field<'n>(fields: &'n Node, name: &str) -> Option<&'n str> {
    match &fields.get(name)?.kind {
        Kind::Text(text) => Some(text),
        _ => None,
    }
}
