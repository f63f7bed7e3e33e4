//! `[nat.NAME]` from the document: each mode with the keys it has.

use super::{Nat, NatMapping, NatMode, StaticMapping};
use crate::config::check;
use crate::config::code::E0233;
use crate::config::machine::firewall::PROTOCOLS;
use crate::config::reader::{Located, Table, Value};
use crate::types::{AddrRange4, InstanceName, NatName, Prefix};
use ipnet::{Ipv4Net, Ipv6Net};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

/// What `sessions` is when absent.
const SESSIONS: u32 = 65_536;
/// The well-known prefix (RFC 6052), when `prefix` is absent.
const WELL_KNOWN_PREFIX: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Det44,
    Nat44Ed,
    Nat64,
}

/// The words of `mode`.
const MODES: [(&str, Mode); 3] = [
    ("det44", Mode::Det44),
    ("nat44-ed", Mode::Nat44Ed),
    ("nat64", Mode::Nat64),
];

/// The keys that not every mode has.
const KEYS_OF_MODES: [(&str, &[Mode]); 8] = [
    ("from", &[Mode::Det44, Mode::Nat44Ed]),
    ("exempt", &[Mode::Det44, Mode::Nat44Ed]),
    ("mappings", &[Mode::Det44]),
    ("inside", &[Mode::Nat44Ed]),
    ("pool", &[Mode::Nat44Ed, Mode::Nat64]),
    ("sessions", &[Mode::Nat44Ed]),
    ("static", &[Mode::Nat44Ed]),
    ("prefix", &[Mode::Nat64]),
];

/// `[nat.NAME]`.
pub(in crate::config) fn decode(document: &mut Table<'_, '_>) -> BTreeMap<NatName, Nat> {
    let mut nats = BTreeMap::new();
    for (name, table) in document.named::<NatName>("nat") {
        if let Some(nat) = decode_nat(table) {
            nats.insert(name.value, nat);
        }
    }
    nats
}

fn decode_nat(mut table: Table<'_, '_>) -> Option<Nat> {
    let cx = table.cx();
    let at = table.at();
    let instance: Option<Located<InstanceName>> = table.required_text("instance", "\"nat\"");
    cx.index.borrow_mut().nat_instances.extend(instance.clone());
    let mode = table
        .required("mode", "\"det44\"")
        .and_then(|value| value.choice(&MODES))?
        .value;
    refuse_keys_of_other_modes(&mut table, mode);
    let (from, exempt) = match mode {
        Mode::Det44 | Mode::Nat44Ed => (decode_from(&mut table), v4_prefixes(&mut table, "exempt")),
        Mode::Nat64 => (Vec::new(), Vec::new()),
    };
    check::nat::something_is_translated(cx, &exempt);
    let mode = match mode {
        Mode::Det44 => decode_det44(&mut table, instance.as_ref()),
        Mode::Nat44Ed => decode_nat44_ed(&mut table),
        Mode::Nat64 => decode_nat64(&mut table),
    };
    table.finish();
    Some(Nat {
        at,
        instance: instance?.value,
        from,
        exempt: exempt.into_iter().map(|e| e.value).collect(),
        mode: mode?,
    })
}

fn refuse_keys_of_other_modes(table: &mut Table<'_, '_>, mode: Mode) {
    for (key, modes) in KEYS_OF_MODES {
        if modes.contains(&mode) {
            continue;
        }
        let Some(value) = table.value(key) else { continue };
        let words: Vec<&str> = MODES
            .iter()
            .filter(|(_, mode)| modes.contains(mode))
            .map(|(word, _)| *word)
            .collect();
        table.cx().report(
            value
                .refuse(E0233, format!("'{}' belongs to another mode", value.path()))
                .label(format!("a key of {}", words.join(" and "))),
        );
    }
}

/// `from`: the interfaces steering attaches to, each once. Whether they exist is known when all are read.
fn decode_from(table: &mut Table<'_, '_>) -> Vec<String> {
    let items = table
        .required("from", "[\"internal.30\"]")
        .and_then(|value| value.items());
    let names: Vec<Located<String>> = items
        .into_iter()
        .flatten()
        .filter_map(|item| {
            Some(Located {
                value: item.raw_text()?.to_owned(),
                span: item.span(),
            })
        })
        .collect();
    let cx = table.cx();
    check::listed_once(cx, &names);
    cx.index.borrow_mut().nat_from.extend(names.iter().cloned());
    names.into_iter().map(|name| name.value).collect()
}

/// A list of IPv4 prefixes.
fn v4_prefixes(table: &mut Table<'_, '_>, key: &'static str) -> Vec<Located<Ipv4Net>> {
    let items = table.value(key).and_then(|value| value.items());
    items.into_iter().flatten().filter_map(|item| v4(&item)).collect()
}

/// An IPv4 prefix; NAT of another family is another mode.
fn v4(value: &Value<'_, '_>) -> Option<Located<Ipv4Net>> {
    let prefix: Located<Prefix> = value.text()?;
    let net = prefix.value.v4();
    if net.is_none() {
        value.refuse_grammar("expected an IPv4 prefix, like 100.64.0.0/22");
    }
    Some(Located {
        value: net?,
        span: prefix.span,
    })
}

fn decode_det44(table: &mut Table<'_, '_>, instance: Option<&Located<InstanceName>>) -> Option<NatMode> {
    let cx = table.cx();
    table.required(
        "mappings",
        "[{ inside = \"100.64.0.0/22\", outside = \"203.0.113.0/28\" }]",
    )?;
    let tables = table.tables("mappings");
    let mut mappings = Vec::with_capacity(tables.len());
    let mut addresses = 0;
    for mut mapping in tables {
        let at = mapping.at();
        let inside = mapping
            .required("inside", "\"100.64.0.0/22\"")
            .and_then(|value| v4(&value));
        let outside = mapping
            .required("outside", "\"203.0.113.0/28\"")
            .and_then(|value| v4(&value));
        mapping.finish();
        let (Some(inside), Some(outside)) = (inside, outside) else {
            continue;
        };
        if check::nat::vpp_survives(cx, inside, outside) {
            addresses += 1 << (32 - inside.value.prefix_len());
        }
        let mut index = cx.index.borrow_mut();
        index.nat_inside.push(inside);
        index
            .nat_outside
            .push(outside.map(|net| Prefix::truncating(net.into())));
        mappings.push(NatMapping {
            at,
            inside: inside.value,
            outside: outside.value,
        });
    }
    if let Some(instance) = instance {
        cx.index
            .borrow_mut()
            .det44_addresses
            .push((instance.clone(), addresses));
    }
    Some(NatMode::Det44 { mappings })
}

fn decode_pool(table: &mut Table<'_, '_>) -> Option<Located<AddrRange4>> {
    let cx = table.cx();
    let pool: Located<AddrRange4> = table.required_text("pool", "\"203.0.113.32-203.0.113.47\"")?;
    check::nat::pool_is_usable(cx, pool);
    let prefixes = ipnet::Ipv4Subnets::new(pool.value.first(), pool.value.last(), 0);
    let located = prefixes.map(|net| pool.map(|_| Prefix::truncating(net.into())));
    cx.index.borrow_mut().nat_outside.extend(located);
    Some(pool)
}

fn decode_nat44_ed(table: &mut Table<'_, '_>) -> Option<NatMode> {
    let cx = table.cx();
    table.required("inside", "[\"10.0.0.0/24\"]");
    let inside = v4_prefixes(table, "inside");
    let pool = decode_pool(table);
    let sessions = table.within("sessions", 1024..=16_777_216, "a number from 1,024 to 16,777,216");
    let mut statics = Vec::new();
    for mapping in table.tables("static") {
        statics.extend(decode_static(mapping));
    }
    if let Some(pool) = pool {
        check::nat::statics_are_reached(cx, &statics, &inside, pool.value);
    }
    cx.index.borrow_mut().nat_inside.extend(inside.iter().copied());
    Some(NatMode::Nat44Ed {
        inside: inside.into_iter().map(|i| i.value).collect(),
        pool: pool?.value,
        sessions: sessions.map_or(SESSIONS, |s| s.value),
        statics: statics.into_iter().map(|s| s.value).collect(),
    })
}

/// One `[[nat.NAME.static]]`: with ports when `protocol` is set, else the whole address.
fn decode_static(mut table: Table<'_, '_>) -> Option<Located<StaticMapping>> {
    let (at, span) = (table.at(), table.span());
    let address = |value: Value<'_, '_>| value.text_as::<Ipv4Addr>("an IPv4 address, like 192.0.2.7");
    let inside = table.required("inside", "\"10.0.0.7\"").and_then(address);
    let outside = table.required("outside", "\"203.0.113.33\"").and_then(address);
    let port = match table.value("protocol") {
        None => None,
        Some(value) => {
            let protocol = value.choice(&PROTOCOLS);
            let port = |value: Value<'_, '_>| value.within::<u16>(1..=65_535, "a port from 1 to 65535");
            let outside = table.required("outside-port", "443").and_then(port);
            let inside = table.required("inside-port", "443").and_then(port);
            Some((protocol?.value, inside?.value, outside?.value))
        }
    };
    table.finish();
    Some(Located {
        value: StaticMapping {
            at,
            port,
            inside: inside?.value,
            outside: outside?.value,
        },
        span,
    })
}

fn decode_nat64(table: &mut Table<'_, '_>) -> Option<NatMode> {
    let pool = decode_pool(table);
    let prefix = match table.value("prefix") {
        None => WELL_KNOWN_PREFIX,
        Some(value) => nat64_prefix(&value)?,
    };
    Some(NatMode::Nat64 {
        prefix,
        pool: pool?.value,
    })
}

/// VPP takes six prefix lengths (RFC 6052, section 2.2).
fn nat64_prefix(value: &Value<'_, '_>) -> Option<Ipv6Net> {
    let prefix: Located<Prefix> = value.text()?;
    let net = prefix
        .value
        .v6()
        .filter(|net| matches!(net.prefix_len(), 32 | 40 | 48 | 56 | 64 | 96));
    match net {
        None => value.refuse_grammar("expected an IPv6 prefix of length 32, 40, 48, 56, 64 or 96"),
        Some(_) => value.cx().index.borrow_mut().nat64_prefixes.push(prefix),
    }
    net
}
