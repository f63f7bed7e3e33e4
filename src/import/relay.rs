//! Relays of DHCP of any source: VPP has one for each table and family, with the same servers for all links in it.

use super::document::{Place, Value};
use super::left::Why;
use super::site::{Link, Site};
use super::vrf::Routing;
use crate::types::IfAddr;
use indexmap::IndexMap;
use std::collections::HashMap;
use std::net::IpAddr;

/// A link whose requests are relayed.
#[derive(Debug)]
pub(super) struct Relay {
    /// The link.
    pub link: Link,
    /// The servers, of one family.
    pub servers: Vec<String>,
    /// Where it is said.
    pub place: Place,
}

/// Writes the relays. The requests come from the router's own address: that of a loopback, else that of the first link.
pub(super) fn write(site: &mut Site, relays: Vec<Relay>) {
    let (v4, v6): (Vec<Relay>, Vec<Relay>) = relays.into_iter().partition(|relay| {
        let first = relay.servers.first();
        first.is_none_or(|server| server.parse::<IpAddr>().is_ok_and(|it| it.is_ipv4()))
    });
    write_family(site, v4, "dhcp-relay", IpAddr::is_ipv4);
    write_family(site, v6, "dhcp6-relay", IpAddr::is_ipv6);
}

fn write_family(site: &mut Site, relays: Vec<Relay>, key: &str, is_of_family: fn(&IpAddr) -> bool) {
    let mut tables: IndexMap<Routing, Vec<Relay>> = IndexMap::new();
    for relay in relays {
        let routing = site.routing_of(&relay.link);
        tables.entry(routing).or_default().push(relay);
    }
    let mut addresses: HashMap<Routing, Vec<(Link, IfAddr)>> = HashMap::new();
    for (link, address) in site.addresses() {
        let of_table = addresses.entry(site.routing_of(&link)).or_default();
        of_table.push((link, address));
    }
    for (routing, relays) in tables {
        let addresses = addresses.get(&routing).map_or(&[][..], Vec::as_slice);
        write_table(site, addresses, relays, key, is_of_family);
    }
}

fn write_table(
    site: &mut Site,
    addresses: &[(Link, IfAddr)],
    relays: Vec<Relay>,
    key: &str,
    is_of_family: fn(&IpAddr) -> bool,
) {
    let own = |is_right: &dyn Fn(&Link) -> bool| {
        let of_link = addresses.iter().filter(|(link, _)| is_right(link));
        of_link.map(|(_, address)| address.addr()).find(is_of_family)
    };
    let loopback = own(&|link| link.path[0] == "loopbacks");
    let mut common: Option<(IpAddr, Vec<String>)> = None;
    for Relay { link, servers, place } in relays {
        let source = loopback.or_else(|| own(&|of| of.name == link.name));
        let why = match (&common, source) {
            _ if servers.is_empty() => Err("its servers are not known"),
            (Some((_, others)), _) if *others != servers => {
                Err("VPP relays from all links of a table to the same servers")
            }
            (Some((source, _)), _) => Ok(*source),
            (None, Some(source)) => Ok(source),
            (None, None) => Err("no address of this router is known that requests could come from"),
        };
        match why {
            Ok(source) => {
                let list = servers.iter().map(Value::text).collect();
                let draft = &mut site.draft;
                draft.inner(&link.path(), key, "servers", Value::List(list), place);
                draft.inner(&link.path(), key, "source", Value::text(source), place);
                common.get_or_insert((source, servers));
            }
            Err(why) => {
                let statement = format!("{key} {}", link.name);
                site.draft.leave(place, &statement, Why::Because(why.to_owned()));
            }
        }
    }
}
