//! `ra = { … }` of an interface or bridge.

use super::check::{mtu, ra as check};
use super::raw::{RaPrefixRaw, RaRaw};
use crate::config::check::Checking;
use crate::config::code::E0106;
use crate::config::diag::Diagnostic;
use crate::config::keys::Field;
use crate::config::source::Located;
use crate::types::{HostName, IfAddr, Prefix};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;
use std::net::Ipv6Addr;

/// `ra = { … }`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RouterAdvertisement {
    /// Seconds between advertisements, 4 to 1800 (RFC 4861).
    pub max_interval: u16,
    /// 3 to three quarters of `max_interval`. Default: half of it, at least 3.
    pub min_interval: u16,
    /// For how many seconds the router is a default router: 0, or more than `max_interval`.
    pub lifetime: Option<u16>,
    /// Whether hosts get their addresses by DHCPv6.
    pub managed: bool,
    /// Whether hosts get other settings by DHCPv6.
    pub other: bool,
    /// The prefixes: the /64 of each address and further ones, without those that are not advertised.
    pub prefixes: Vec<AdvertisedPrefix>,
    /// The name servers of the hosts.
    pub rdnss: BTreeSet<Ipv6Addr>,
    /// The domains that hosts look names up in.
    pub dnssl: BTreeSet<HostName>,
    /// How the router compares with others on the link; medium where it is no default router.
    pub preference: RouterPreference,
}

/// Whether hosts take this router for their default one rather than another (RFC 4191).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)] // RFC 4191's own words
pub enum RouterPreference {
    High,
    #[default]
    Medium,
    Low,
}

impl RouterPreference {
    /// FRR's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

impl RouterAdvertisement {
    /// Whether zebra sends them, through the interface's Linux side, and VPP none: VPP has no words for what they say.
    pub fn is_frrs(&self) -> bool {
        let has_names = !self.rdnss.is_empty() || !self.dnssl.is_empty();
        has_names || self.preference != RouterPreference::Medium
    }

    /// For how many seconds the router is a default router: 600 as VPP has it, or RFC 4861's three intervals where that is less
    /// than what lies between two advertisements.
    pub fn lifetime(&self) -> u16 {
        const USUAL: u16 = 600;
        let of_interval = if self.max_interval > USUAL / 3 {
            3 * self.max_interval
        } else {
            USUAL
        };
        self.lifetime.unwrap_or(of_interval)
    }
}

/// A prefix in router advertisements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AdvertisedPrefix {
    /// The prefix, of IPv6.
    pub prefix: Prefix,
    /// For how many seconds it is valid, and preferred; `None`: for ever.
    pub lifetimes: Option<(u32, u32)>,
    /// Whether hosts form addresses of it.
    pub autonomous: bool,
    /// Whether it is the link's own.
    pub on_link: bool,
}

/// RFC 4861, section 6.2.1: MaxRtrAdvInterval's default.
const MAX_INTERVAL: u16 = 600;

/// `ra`, checked; it needs addresses to advertise.
pub(in crate::config) fn checked(
    field: &Field<RaRaw>,
    addresses: &[Located<IfAddr>],
    cx: &mut Checking<'_>,
) -> Option<RouterAdvertisement> {
    let Located { value: ra, span } = field.located()?;
    mtu::ra_has_something_to_say(span, addresses, cx);
    let max_interval = ra.max_interval.get().map_or(MAX_INTERVAL, |max| max.get());
    let ceiling = (u32::from(max_interval) * 3 / 4) as u16;
    let min = ra.min_interval.located();
    if let Some(min) = min.filter(|min| min.value.get() > ceiling) {
        cx.report(
            Diagnostic::error(E0106, min.span, "'min-interval' is too close to 'max-interval'")
                .label(format!("expected at most three quarters of it, {ceiling}")),
        );
    }
    check::lasts_until_the_next(ra, max_interval, cx);
    let checked = RouterAdvertisement {
        max_interval,
        min_interval: min.map_or((max_interval / 2).max(3), |min| min.value.get()),
        lifetime: ra.lifetime.value().map(|lifetime| lifetime.get().get() as u16),
        managed: ra.managed.is_on(),
        other: ra.other.is_on(),
        prefixes: prefixes(ra, addresses, cx),
        rdnss: distinct(ra.rdnss.items(), cx),
        dnssl: distinct(ra.dnssl.items(), cx),
        preference: ra.preference.value().unwrap_or_default(),
    };
    if checked.is_frrs() {
        check::frr_can_say_it(ra, max_interval, addresses, cx);
    }
    Some(checked)
}

/// The /64s of the addresses (hosts form addresses from no other length, RFC 4862), changed by what is written, and then what
/// else is written.
fn prefixes(ra: &RaRaw, addresses: &[Located<IfAddr>], cx: &mut Checking<'_>) -> Vec<AdvertisedPrefix> {
    let written = ra.prefixes.entries();
    let by_prefix: BTreeMap<Prefix, &RaPrefixRaw> = written
        .iter()
        .map(|(prefix, table)| (prefix.value, &table.value))
        .collect();
    for (prefix, table) in written {
        check::can_be_advertised(prefix, &table.value, cx);
    }
    let subnets = addresses.iter().map(|address| address.value.subnet());
    let is_64 = |subnet: &Prefix| subnet.v6().is_some_and(|net| net.prefix_len() == 64);
    let mut all: Vec<Prefix> = Vec::new();
    for prefix in subnets.filter(is_64).chain(by_prefix.keys().copied()) {
        if !all.contains(&prefix) {
            all.push(prefix);
        }
    }
    let advertised = all
        .into_iter()
        .map(|prefix| (prefix, by_prefix.get(&prefix).copied()));
    advertised
        .filter(|(_, raw)| raw.is_none_or(|raw| raw.advertise.value().unwrap_or(true)))
        .map(|(prefix, raw)| AdvertisedPrefix {
            prefix,
            lifetimes: raw.and_then(lifetimes),
            autonomous: raw.is_none_or(|raw| raw.autonomous.value().unwrap_or(true)),
            on_link: raw.is_none_or(|raw| raw.on_link.value().unwrap_or(true)),
        })
        .collect()
}

/// What a list names, which hosts are told in FRR's order whatever is written; what is named twice is reported.
fn distinct<T: Ord + Hash + Clone>(list: &[Located<T>], cx: &mut Checking<'_>) -> BTreeSet<T> {
    cx.listed_once(list);
    list.iter().map(|item| item.value.clone()).collect()
}

fn lifetimes(raw: &RaPrefixRaw) -> Option<(u32, u32)> {
    let valid = raw.valid_lifetime.value()?.get();
    Some((
        valid,
        raw.preferred_lifetime
            .value()
            .map_or(valid, |preferred| preferred.get()),
    ))
}
