//! Names that the operator chooses, and what was meant by one that is none.

use super::Reading;
use super::value::Value;
use crate::config::code::E0106;
use crate::config::diag::Diagnostic;
use crate::config::source::Located;
use crate::types::{TypeError, VirtualRouterId, VlanId};
use std::net::Ipv4Addr;
use std::str::FromStr;
use toml::de::DeValue;

/// A key in the grammar of a type.
pub(in crate::config) fn name<K: FromStr<Err = TypeError>>(
    table: &Value<'_>,
    key: Located<&str>,
    reading: &mut Reading<'_>,
) -> Option<Located<K>> {
    match key.value.parse() {
        Ok(value) => Some(Located {
            value,
            span: key.span,
        }),
        Err(_) if is_behind_another(table, key.value) => None,
        Err(error) => {
            let message = format!("'{}' is not a valid name in '{}'", key.value, table.path());
            let refused = Diagnostic::error(E0106, key.span, message).label(error.to_string());
            reading.report(match meant(table, key.value) {
                Some(meant) => refused.hint(meant),
                None => refused,
            });
            None
        }
    }
}

/// Whether it is one of the keys of a virtual router that were written without its number, and not the first: one slip.
fn is_behind_another(table: &Value<'_>, key: &str) -> bool {
    let path = table.path().to_string();
    let keys = table.value.get_ref().as_table().map(|table| table.iter());
    let mut keys = keys.into_iter().flatten().map(|(key, _)| key.get_ref().as_ref());
    path.ends_with(".vrrp") && keys.find(|key| key.parse::<VirtualRouterId>().is_err()) != Some(key)
}

/// What was probably meant by a name that is refused.
fn meant(table: &Value<'_>, key: &str) -> Option<String> {
    let path = table.path().to_string();
    if let Some(address) = in_parts(table, key) {
        return Some(format!("an address needs quotes here: [{path}.\"{address}\"]"));
    }
    match path.rsplit('.').next() {
        Some("routes") if key == "default" => {
            Some("the default routes are \"0.0.0.0/0\" and \"::/0\"".to_owned())
        }
        Some("interfaces") => meant_for_interface(key),
        Some("vrrp") => Some(
            "each virtual router is a table with its number: vrrp.1 = { addresses = [\"10.0.9.1\"] }"
                .to_owned(),
        ),
        _ => None,
    }
}

/// What other routers call an interface, as it is written here.
pub(in crate::config) fn meant_for_interface(typed: &str) -> Option<String> {
    let sub_interface = typed
        .split_once('.')
        .filter(|(_, tag)| tag.parse::<VlanId>().is_ok());
    match sub_interface {
        Some((name, tag)) => Some(format!("a VLAN is [interfaces.{name}.vlan.{tag}]")),
        None if typed.contains('/') => Some(format!(
            "the name is yours to choose, as in [interfaces.{}]; its `match` says which NIC it is",
            typed.replace('/', "-")
        )),
        None => None,
    }
}

/// The address that TOML took for four tables, each in the one before.
fn in_parts(table: &Value<'_>, first: &str) -> Option<Ipv4Addr> {
    first.parse::<u8>().ok()?;
    let mut address = first.to_owned();
    let mut value = table.value.get_ref().as_table()?.get(first)?;
    while let DeValue::Table(below) = value.get_ref()
        && address.len() < "255.255.255.255".len()
    {
        let (part, next) = below.iter().next()?;
        if part.get_ref().parse::<u8>().is_err() {
            break;
        }
        address = format!("{address}.{}", part.get_ref());
        value = next;
    }
    address.parse().ok()
}
