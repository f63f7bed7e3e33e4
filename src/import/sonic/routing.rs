//! What SONiC routes: VRFs, static routes and BGP.

use super::{ALL, Sonic, field, is_vlan};
use crate::import::document::Value;
use crate::import::left::Why;
use crate::import::site::Link;
use crate::import::tree::Node;
use crate::types::Prefix;
use std::net::IpAddr;

/// The field that names the VRF of an interface.
pub(super) const VRF: &str = "vrf_name";

/// What the main table is called.
pub(super) const DEFAULT: &str = "default";

impl Sonic {
    /// `VRF|Vrf_blue`.
    pub(super) fn vrf(&mut self, name: &str, fields: &Node) {
        self.site.vrf(name, fields.place(self.file));
        for (field, value) in fields.members() {
            match field.as_str() {
                "NULL" | "table_id" => {}
                // Of a VRF in no VXLAN, and what every VRF has here.
                "vni" if value.text() == Some("0") => {}
                "fallback" if value.text() == Some("false") => {}
                _ => self.leave("VRF", &format!("{name} {field}"), value, Why::NotYet),
            }
        }
    }

    /// Puts a link into the VRF that its fields name.
    pub(super) fn in_vrf(&mut self, link: &Link, fields: &Node) {
        if let Some(vrf) = field(fields, VRF).filter(|vrf| !vrf.is_empty()) {
            let place = fields.place(self.file);
            let routing = self.site.vrf(vrf, place);
            self.site.put_into(link, &routing, place);
        }
    }

    /// `BGP_GLOBALS|Vrf_blue`.
    pub(super) fn bgp(&mut self, vrf: &str, fields: &Node) {
        let routing = self.site.vrf(vrf, fields.place(self.file));
        let path = routing.path(&["bgp"]);
        for (name, value) in fields.members() {
            let place = value.place(self.file);
            let text = value.text().unwrap_or_default();
            match name.as_str() {
                "NULL" => {}
                "local_asn" => self.site.draft.set(&path, "asn", Value::number(text), place),
                "router_id" => self.site.draft.set(&path, "router-id", text, place),
                _ => self.leave("BGP_GLOBALS", &format!("{vrf} {name}"), value, Why::NotYet),
            }
        }
    }

    pub(super) fn neighbor(&mut self, key: &str, vrf: &str, address: &str, fields: &Node) {
        let Ok(address) = address.parse::<IpAddr>() else {
            return self.leave("BGP_NEIGHBOR", key, fields, Why::NotYet);
        };
        let address = address.to_string();
        let of_all = fields.place(self.file);
        let routing = self.site.vrf(vrf, of_all);
        let path = routing.path(&["bgp", "neighbors", &address]);
        for (name, value) in fields.members() {
            let place = value.place(self.file);
            let text = value.text().unwrap_or_default();
            match name.as_str() {
                "asn" => self
                    .site
                    .draft
                    .set(&path, "remote-as", Value::number(text), place),
                "name" => self.site.draft.set(&path, "description", text, place),
                "local_addr" => self.site.draft.set(&path, "update-source", text, place),
                "admin_status" if text == "down" => self.site.draft.set(&path, "shutdown", true, place),
                "rrclient" if text == "1" => {
                    self.site.draft.set(&path, "route-reflector-client", true, place)
                }
                "nhopself" if text == "1" => self.site.draft.set(&path, "next-hop-self", true, place),
                "holdtime" | "keepalive" | "admin_status" | "rrclient" | "nhopself" => {}
                "auth_password" | "password" => self.site.draft.password(&path, &address, text, place),
                _ => self.leave("BGP_NEIGHBOR", &format!("{key} {name}"), value, Why::NotYet),
            }
        }
        if self.neighbors_are_down && field(fields, "admin_status").is_none() {
            self.site.draft.set(&path, "shutdown", true, of_all);
        }
        if let Some(timers) = timers(field(fields, "keepalive"), field(fields, "holdtime")) {
            self.site.draft.set(&path, "timers", timers, of_all);
        }
        for way in ["in", "out"] {
            self.site.draft.inner(&path, "route-map", way, ALL, of_all);
        }
        self.uses_all.get_or_insert(of_all);
    }

    pub(super) fn route(&mut self, key: &str, vrf: &str, prefix: &str, fields: &Node) {
        let place = fields.place(self.file);
        let routing = self.site.vrf(vrf, place);
        let Ok(prefix) = prefix.parse::<Prefix>() else {
            return self.leave("STATIC_ROUTE", key, fields, Why::NotYet);
        };
        let list = |name: &str| -> Vec<&str> {
            field(fields, name)
                .filter(|text| !text.is_empty())
                .map_or(Vec::new(), |text| text.split(',').collect())
        };
        let (hops, devices) = (list("nexthop"), list("ifname"));
        let (distances, blackholes) = (list("distance"), list("blackhole"));
        for next in list("nexthop-vrf") {
            if !next.is_empty() && !self.site.is_called(&routing, next) {
                let why = "a route leads over interfaces of its own table".to_owned();
                return self.leave("STATIC_ROUTE", key, fields, Why::Because(why));
            }
        }
        for device in devices.iter().filter(|device| is_vlan(device)) {
            if self.routed(device).is_none() {
                let why = format!("{device} is not imported");
                return self.leave("STATIC_ROUTE", key, fields, Why::Because(why));
            }
        }
        for number in 0..hops.len().max(devices.len()).max(blackholes.len()) {
            let mut pairs: Vec<(String, Value)> = Vec::new();
            let of = |list: &[&str]| {
                list.get(number)
                    .map(|text| (*text).to_owned())
                    .filter(|text| !text.is_empty())
            };
            if of(&blackholes).as_deref() == Some("true") {
                pairs.push(("blackhole".to_owned(), true.into()));
            } else {
                if let Some(hop) = of(&hops).filter(|hop| hop != "0.0.0.0" && hop != "::") {
                    pairs.push(("via".to_owned(), Value::text(hop)));
                }
                if let Some(link) = of(&devices).and_then(|device| self.routed(&device)) {
                    self.site.draft.table(&link.path(), place);
                    pairs.push(("interface".to_owned(), Value::text(link.name)));
                }
            }
            if let Some(distance) = of(&distances).filter(|distance| distance != "0") {
                pairs.push(("distance".to_owned(), Value::number(&distance)));
            }
            let routes = self.site.draft.table(&routing.path(&["routes"]), place);
            routes.one_or_more(&prefix.to_string(), Value::Inline(pairs), place);
        }
        self.leave_others(
            "STATIC_ROUTE",
            key,
            fields,
            &["nexthop", "ifname", "distance", "blackhole", "nexthop-vrf"],
        );
    }
}

/// The timers of a neighbour, of which it may say one alone. FRR takes a third of the hold time where that is less; what it
/// has anyway, which SONiC writes as well, is nothing.
fn timers(keepalive: Option<&str>, hold: Option<&str>) -> Option<Value> {
    let (keepalive, hold) = match (keepalive.unwrap_or("60"), hold.unwrap_or("180")) {
        ("60", "180") => return None,
        said => said,
    };
    let keepalive = match (keepalive.parse::<i64>(), hold.parse::<i64>()) {
        (Ok(keepalive), Ok(hold)) => Value::Number(keepalive.min(hold / 3)),
        _ => Value::number(keepalive),
    };
    Some(Value::Inline(vec![
        ("keepalive".to_owned(), keepalive),
        ("hold".to_owned(), Value::number(hold)),
    ]))
}
