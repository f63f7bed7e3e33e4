//! `[management]`: the NIC that stays in the host namespace.

use crate::config::index::Address;
use crate::config::links::nic;
use crate::config::reader::{Cx, Located, Table, Value};
use crate::config::{At, NicMatch, check};
use crate::types::IfAddr;
use std::net::{Ipv4Addr, Ipv6Addr};

/// `[management]`.
#[derive(Debug)]
pub struct Management {
    /// Where it was written.
    pub at: At,
    /// Which NIC; never one the dataplane matches.
    pub matches: NicMatch,
    /// How it gets its addresses.
    pub addressing: ManagementAddressing,
}

/// DHCP or fixed addresses, never both.
#[derive(Debug)]
pub enum ManagementAddressing {
    /// `dhcp = true`.
    Dhcp,
    /// `addresses`, `gateway`, `gateway6`.
    Static {
        /// At least one.
        addresses: Vec<IfAddr>,
        /// Inside one of the connected subnets.
        gateway: Option<Ipv4Addr>,
        /// Inside one of the connected subnets, or link-local.
        gateway6: Option<Ipv6Addr>,
    },
}

pub(in crate::config) fn decode(document: &mut Table<'_, '_>) -> Option<Management> {
    let mut table = document.table("management")?;
    let (cx, at) = (table.cx(), table.at());
    let matches = nic::decode_match(&mut table, None, None);
    let dhcp = table.value("dhcp");
    let addresses = table.value("addresses").filter(|list| !list.is_empty_list());
    let gateways = [table.value("gateway"), table.value("gateway6")];
    let fixed = addresses.as_ref().map(Value::span);
    let gateway = gateways.iter().flatten().next().map(Value::span);
    let dhcp = dhcp.map(|value| value.boolean());
    // A wrong `dhcp` was reported, and may have been meant either way.
    if dhcp != Some(None) {
        check::management::one_way_to_get_addresses(cx, table.span(), dhcp.flatten(), fixed, gateway);
    }
    table.finish();
    let Some(addresses) = addresses else {
        return Some(Management {
            at,
            matches: matches?,
            addressing: ManagementAddressing::Dhcp,
        });
    };
    Some(Management {
        at,
        addressing: decode_static(cx, &addresses, gateways),
        matches: matches?,
    })
}

fn decode_static(
    cx: &Cx<'_>,
    addresses: &Value<'_, '_>,
    [gateway, gateway6]: [Option<Value<'_, '_>>; 2],
) -> ManagementAddressing {
    let addresses: Vec<Located<IfAddr>> = addresses.texts();
    check::listed_once(cx, &addresses);
    for address in &addresses {
        check::address::can_be_configured(cx, address);
    }
    let gateway = gateway.and_then(|value| value.text_as("an IPv4 address, like 172.16.0.1"));
    let gateway6 = gateway6.and_then(|value| value.text_as("an IPv6 address, like 2001:db8::1"));
    if !addresses.is_empty() {
        check::management::gateways_are_next_door(cx, &addresses, gateway, gateway6);
    }
    let mut index = cx.index.borrow_mut();
    index
        .host_addresses
        .extend(addresses.iter().map(|address| Address {
            interface: "management".to_owned(),
            addr: address.value,
            span: address.span,
        }));
    ManagementAddressing::Static {
        addresses: addresses.into_iter().map(|a| a.value).collect(),
        gateway: gateway.map(|g| g.value),
        gateway6: gateway6.map(|g| g.value),
    }
}
