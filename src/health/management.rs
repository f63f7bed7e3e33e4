//! Whether an operator reaches the machine: management's NIC, its carrier, addresses and way out. Nothing outside is asked: a
//! gateway that is down is not this router's fault.

use super::{About, Baseline, DEADLINE, Running, Wanted};
use crate::boot::trial::outcome::{CheckOutcome, Scope};
use crate::config::{Check, Management, ManagementAddressing};
use crate::exit::{Failure, Kind};
use crate::facts::FactsError;
use crate::facts::nic::{self, Nic};
use crate::host::netlink::Connection;
use crate::host::{address, file};
use crate::plan::nic::named;
use crate::types::{NetnsName, Root};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The key of management's NIC in a baseline: no interface can have this name.
pub const NIC: &str = "[management]";

/// The host namespace, as far as management is concerned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Host {
    /// Its devices.
    pub nics: Vec<Nic>,
    /// Whether each has carrier.
    pub carrier: BTreeMap<String, bool>,
    /// The addresses of each.
    pub addresses: BTreeMap<String, Vec<IpAddr>>,
    /// Default routes: the device and the gateway.
    pub routes: Vec<(String, IpAddr)>,
}

/// `management`, if it is asked for.
pub fn check<'a>(root: &Root, wanted: &'a Wanted, baseline: Option<&'a Baseline>) -> Option<Running<'a>> {
    let about = About::new(
        "management",
        Scope::Management,
        wanted.wish(Check::Management)?,
        true,
    );
    let Some(management) = &wanted.management else {
        return Some(Running::known(
            about.not_needed("a management NIC", "none is configured"),
        ));
    };
    let (root, namespace) = (root.clone(), wanted.namespace.clone());
    let had_carrier = baseline.and_then(|it| it.carrier.get(NIC)).copied();
    let look = move || look(&root, &namespace);
    Some(Running::start(about, DEADLINE, look, move |about, seen| {
        vec![judge(about, management, seen, had_carrier)]
    }))
}

/// What there is in the host namespace.
pub fn look(root: &Root, namespace: &NetnsName) -> Result<Host, FactsError> {
    let about = |what: &'static str| move |error| FactsError::new(what, error);
    let nics = nic::read(root, namespace)?.host;
    let links = Connection::open()
        .map_err(about("network devices"))?
        .links()
        .map_err(|error| FactsError::new("network devices", error))?;
    let addresses = address::by_device().map_err(|error| FactsError::new("addresses", error))?;
    let table = |path: &str| {
        let text = file::read_text(&root.join(path)).ok().flatten();
        text.unwrap_or_default()
    };
    let mut routes = default_routes4(&table("/proc/net/route"));
    routes.extend(default_routes6(&table("/proc/net/ipv6_route")));
    Ok(Host {
        nics,
        carrier: links
            .iter()
            .map(|link| (link.name.to_string(), link.carrier))
            .collect(),
        addresses,
        routes,
    })
}

/// The NIC a match means, by its name now, and whether it has carrier.
pub fn carrier(host: &Host, management: &Management) -> Option<bool> {
    let nic = named(&management.matches, &host.nics)?;
    host.carrier.get(nic.name.as_ref()).copied()
}

/// Whether management is reachable as far as this machine can tell. A cable that was not plugged in before the reboot is not
/// needed after it.
pub fn judge(
    about: &About,
    management: &Management,
    seen: Result<Host, FactsError>,
    had_carrier: Option<bool>,
) -> CheckOutcome {
    let expected = expected(management);
    let host = match seen {
        Ok(host) => host,
        Err(error) => {
            return about.failed(expected, Failure::from_error(Kind::Failed, &error).to_string());
        }
    };
    let Some(nic) = named(&management.matches, &host.nics) else {
        return about.failed(expected, "no NIC matches");
    };
    let name = nic.name.as_ref();
    if host.carrier.get(name) != Some(&true) {
        return match had_carrier {
            Some(false) => about.not_needed(expected, format!("{name} has no carrier, as before the reboot")),
            _ => about.failed(expected, format!("{name} has no carrier")),
        };
    }
    match reach(management, &host, name) {
        Ok(observed) => about.passed(expected, observed),
        Err(observed) => about.failed(expected, observed),
    }
}

/// The addresses of the NIC, or what it lacks, in words.
fn reach(management: &Management, host: &Host, name: &str) -> Result<String, String> {
    let addresses: &[IpAddr] = host.addresses.get(name).map_or(&[], Vec::as_slice);
    if let Some(missing) = missing(management, addresses) {
        return Err(format!("{name} has carrier but lacks {missing}"));
    }
    let leads = |gateway: &IpAddr| host.routes.iter().any(|(nic, via)| nic == name && via == gateway);
    if let Some(gateway) = gateways(management).iter().find(|gateway| !leads(gateway)) {
        return Err(format!(
            "{name} has its addresses but no default route via {gateway}"
        ));
    }
    let mut list = addresses
        .iter()
        .filter(|it| !is_link_local(it))
        .map(IpAddr::to_string);
    let first = list.next().unwrap_or_default();
    Ok(list.fold(format!("{name}, {first}"), |list, next| format!("{list}, {next}")))
}

fn expected(management: &Management) -> String {
    match &management.addressing {
        ManagementAddressing::Dhcp => "a NIC with carrier and an address by DHCP".to_owned(),
        ManagementAddressing::Static { addresses, .. } => {
            let list: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            format!("a NIC with carrier and {}", list.join(", "))
        }
    }
}

/// What of its addresses is not there, in words.
fn missing(management: &Management, there: &[IpAddr]) -> Option<String> {
    match &management.addressing {
        ManagementAddressing::Dhcp => {
            let any = there.iter().any(|address| !is_link_local(address));
            (!any).then(|| "an address by DHCP".to_owned())
        }
        ManagementAddressing::Static { addresses, .. } => addresses
            .iter()
            .find(|address| !there.contains(&address.addr()))
            .map(ToString::to_string),
    }
}

fn gateways(management: &Management) -> Vec<IpAddr> {
    match management.addressing {
        ManagementAddressing::Dhcp => Vec::new(),
        ManagementAddressing::Static {
            gateway, gateway6, ..
        } => {
            let v4 = gateway.map(IpAddr::V4);
            v4.into_iter().chain(gateway6.map(IpAddr::V6)).collect()
        }
    }
}

fn is_link_local(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

/// Of `/proc/net/route`: device, destination and gateway as the kernel's own words in hexadecimal, …, the mask eighth.
fn default_routes4(table: &str) -> Vec<(String, IpAddr)> {
    let route = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [device, "00000000", gateway, _, _, _, _, "00000000", ..] = fields.as_slice() else {
            return None;
        };
        let gateway = u32::from_str_radix(gateway, 16).ok()?;
        Some(((*device).to_owned(), Ipv4Addr::from(gateway.to_ne_bytes()).into()))
    };
    table.lines().filter_map(route).collect()
}

/// Of `/proc/net/ipv6_route`: destination, its length, source, its length, next hop, …, the device last.
fn default_routes6(table: &str) -> Vec<(String, IpAddr)> {
    let route = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, "00", _, _, gateway, .., device] = fields.as_slice() else {
            return None;
        };
        let gateway = u128::from_str_radix(gateway, 16)
            .ok()
            .filter(|gateway| *gateway != 0)?;
        Some(((*device).to_owned(), Ipv6Addr::from(gateway).into()))
    };
    table.lines().filter_map(route).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn default_routes_are_read_from_the_kernels_tables() {
        let table = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
            eth0\t00000000\t010010AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n\
            eth0\t000010AC\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";
        let gateway: IpAddr = "172.16.0.1".parse().unwrap();
        assert_eq!(default_routes4(table), [("eth0".to_owned(), gateway)]);
        let zero = "0".repeat(32);
        let table = format!(
            "{zero} 00 {zero} 00 20010db8000000000000000000000001 00000400 00000001 00000000 00000003 eth0\n\
             {zero} 00 {zero} 00 {zero} ffffffff 00000001 00000000 00200200 lo\n"
        );
        let gateway: IpAddr = "2001:db8::1".parse().unwrap();
        assert_eq!(default_routes6(&table), [("eth0".to_owned(), gateway)]);
    }
}
