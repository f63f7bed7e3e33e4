//! The document as text: tables in the order an operator looks for them, keys aligned, each with the line it came from.

use super::document::{Entry, Place, Table, Value};
use indexmap::IndexMap;
use toml_writer::{ToTomlKey as _, ToTomlValue as _};

/// The tables of a document, in their order.
const TABLES: [&str; 32] = [
    "system",
    "users",
    "snmp",
    "identity",
    "bind",
    "management",
    "firewall",
    "dataplane",
    "vpp",
    "loopbacks",
    "interfaces",
    "bridges",
    "tunnels",
    "acls",
    "policers",
    "sflow",
    "lldp",
    "routes",
    "nat",
    "vrfs",
    "bgp",
    "bfd",
    "rpki",
    "prefix-lists",
    "community-lists",
    "large-community-lists",
    "as-path-lists",
    "route-maps",
    "ospf",
    "ospf6",
    "frr",
    "incus",
];

/// The tables below one of them, in their order.
const INNER: [&str; 4] = ["routes", "bgp", "peer-groups", "neighbors"];

/// The keys that stand before others, in their order.
const KEYS: [&str; 29] = [
    "hostname",
    "nameservers",
    "search",
    "main-core",
    "corelist-workers",
    "action",
    "match",
    "attach",
    "promiscuous",
    "set",
    "instance",
    "mode",
    "from",
    "asn",
    "router-id",
    "cluster-id",
    "networks",
    "description",
    "remote-as",
    "peer-group",
    "vrf",
    "mtu",
    "addresses",
    "dhcp",
    "gateway",
    "gateway6",
    "ospf",
    "ospf6",
    "ra",
];

/// The longest line that a list or an inline table is written in.
const WIDEST: usize = 110;

/// The text of a document, with the names of the files its places are in.
pub(super) fn document(root: &Table, files: &[String]) -> String {
    let mut writer = Writer {
        text: String::new(),
        files,
    };
    writer.tables(&mut Vec::new(), root);
    writer.text
}

struct Writer<'f> {
    text: String,
    files: &'f [String],
}

impl Writer<'_> {
    /// A table: its values below one header, then the tables in it.
    fn table(&mut self, path: &mut Vec<String>, table: &Table) {
        let has_tables = !table.tables.is_empty() || !table.lists.is_empty();
        if !table.values.is_empty() || !table.notes.is_empty() || !has_tables {
            // A table whose every value names its own line needs no line of its own.
            let from = table.from.filter(|_| table.values.is_empty());
            self.header(&format!("[{}]", path.join(".")), from, table);
            self.values(&table.values);
        }
        self.tables(path, table);
    }

    fn tables(&mut self, path: &mut Vec<String>, table: &Table) {
        let first: &[&str] = if path.is_empty() { &TABLES } else { &INNER };
        for (name, table) in ordered(&table.tables, first) {
            path.push(key(name));
            self.table(path, table);
            path.pop();
        }
        for (name, tables) in ordered(&table.lists, first) {
            path.push(key(name));
            for one in tables {
                self.header(&format!("[[{}]]", path.join(".")), one.from, one);
                self.values(&one.values);
            }
            path.pop();
        }
    }

    fn header(&mut self, header: &str, from: Option<Place>, table: &Table) {
        self.text.push('\n');
        self.text.push_str(header);
        self.comment(from.map(|place| (place, place)));
        for note in &table.notes {
            self.text.push_str(&format!("# {note}\n"));
        }
    }

    fn values(&mut self, values: &IndexMap<String, Entry>) {
        let values = ordered(values, &KEYS);
        let keys: Vec<String> = values.iter().map(|(name, _)| key(name)).collect();
        let widest = keys.iter().map(|key| key.chars().count()).max().unwrap_or(0);
        for ((_, entry), key) in values.iter().zip(keys) {
            let value = &entry.value;
            let short = inline(value);
            let line = format!("{key:widest$} = ");
            match value {
                Value::List(list) if line.len() + short.len() > WIDEST => {
                    self.text.push_str(&line);
                    self.text.push('[');
                    self.comment(entry.from);
                    for member in list {
                        self.text.push_str(&format!("  {},\n", inline(member)));
                    }
                    self.text.push_str("]\n");
                }
                _ => {
                    self.text.push_str(&line);
                    self.text.push_str(&short);
                    self.comment(entry.from);
                }
            }
        }
    }

    /// Where something came from, and the end of the line.
    fn comment(&mut self, from: Option<(Place, Place)>) {
        if let Some((first, last)) = from
            && let Some(file) = self.files.get(first.file)
        {
            self.text.push_str(&format!("  # {file}:{}", first.line));
            if last.line > first.line {
                self.text.push_str(&format!("-{}", last.line));
            }
        }
        self.text.push('\n');
    }
}

/// The members of a table in the order they are written: those that are named first, then the others as they came.
fn ordered<'t, T>(members: &'t IndexMap<String, T>, first: &[&str]) -> Vec<(&'t str, &'t T)> {
    let rank = |name: &str| {
        let known = first.iter().position(|known| *known == name);
        known.unwrap_or(usize::MAX)
    };
    let mut members: Vec<(&str, &T)> = members
        .iter()
        .map(|(name, member)| (name.as_str(), member))
        .collect();
    members.sort_by_key(|(name, _)| rank(name));
    members
}

fn key(name: &str) -> String {
    toml_writer::TomlKeyBuilder::new(name).as_default().to_toml_key()
}

/// A value in one line.
fn inline(value: &Value) -> String {
    match value {
        Value::Text(text) => toml_writer::TomlStringBuilder::new(text)
            .as_basic()
            .to_toml_value(),
        Value::Number(number) => number.to_string(),
        Value::Switch(on) => on.to_string(),
        Value::List(list) => {
            let members: Vec<String> = list.iter().map(inline).collect();
            format!("[{}]", members.join(", "))
        }
        Value::Inline(pairs) if pairs.is_empty() => "{}".to_owned(),
        Value::Inline(pairs) => {
            let mut pairs: Vec<&(String, Value)> = pairs.iter().collect();
            // The area of an interface, the kind of a match: what a reader looks for first.
            pairs.sort_by_key(|(name, _)| name != "area" && name != "in" && name != "via");
            let pairs: Vec<String> = pairs
                .iter()
                .map(|(name, value)| format!("{} = {}", key(name), inline(value)))
                .collect();
            format!("{{ {} }}", pairs.join(", "))
        }
    }
}
