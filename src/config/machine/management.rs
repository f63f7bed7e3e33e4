//! `[management]`: the NIC that stays in the host namespace.

use super::check::management::{gateways_are_next_door, has_a_gateway, one_way_to_get_addresses};
use super::raw::ManagementRaw;
use crate::config::check::Checking;
use crate::config::index::{Address, Index};
use crate::config::keys::Field;
use crate::config::links::{check::address, nic};
use crate::config::{At, NicMatch};
use crate::types::IfAddr;
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, Ipv6Addr};

/// `[management]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Management {
    /// Where it was written.
    pub at: At,
    /// Which NIC; never one the dataplane matches.
    pub matches: NicMatch,
    /// How it gets its addresses.
    pub addressing: ManagementAddressing,
}

/// DHCP or fixed addresses, never both.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
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
        /// Whether the gateways may be outside of the connected subnets: they are on the link all the same.
        onlink: bool,
    },
}

/// `[management]`, checked.
pub(in crate::config) fn management(
    field: &Field<ManagementRaw>,
    cx: &mut Checking<'_>,
) -> Option<Management> {
    let table = field.located()?;
    let raw = table.value;
    let matches = nic::named(&raw.matches, &["management", "match"], cx);
    let fixed = raw.addresses.span().filter(|_| !raw.addresses.is_empty_list());
    let onlink = raw.onlink.copied().filter(|onlink| onlink.value);
    let gateway = raw.gateway.span().or(raw.gateway6.span());
    has_a_gateway(onlink, gateway, cx);
    // A wrong `dhcp` was reported, and may have been meant either way.
    if raw.dhcp.get().is_some() || !raw.dhcp.is_written() {
        one_way_to_get_addresses(table.span, raw.dhcp.copied(), fixed, gateway, cx);
    }
    Some(Management {
        at: cx.at(table.span),
        addressing: match fixed {
            Some(_) => fixed_addresses(raw, cx),
            None => ManagementAddressing::Dhcp,
        },
        matches: matches?,
    })
}

fn fixed_addresses(raw: &ManagementRaw, cx: &mut Checking<'_>) -> ManagementAddressing {
    let addresses = raw.addresses.items();
    address::can_be_configured(addresses, cx);
    if !addresses.is_empty() {
        let onlink = raw.onlink.value().unwrap_or_default();
        gateways_are_next_door(addresses, raw.gateway.copied(), raw.gateway6.copied(), onlink, cx);
    }
    ManagementAddressing::Static {
        addresses: addresses.iter().map(|a| a.value).collect(),
        gateway: raw.gateway.value(),
        gateway6: raw.gateway6.value(),
        onlink: raw.onlink.value().unwrap_or_default(),
    }
}

/// Enters the management NIC and its addresses.
pub(in crate::config) fn index_management(field: &Field<ManagementRaw>, index: &mut Index) {
    let Some(raw) = field.get() else { return };
    nic::index_match(&raw.matches, None, None, index);
    let addresses = raw.addresses.items().iter().map(|address| Address {
        interface: "management".to_owned(),
        addr: address.value,
        span: address.span,
    });
    index.host_addresses.extend(addresses);
}
