//! The routes, ACLs and policies of the simulated VPP.

use super::sim::{Outcome, Refused, unless};
use imp::plan::vpp::Fact;
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};

/// Gateways and interfaces.
type Paths = BTreeSet<(String, String)>;

#[derive(Debug, Clone, Default)]
pub struct Steering {
    /// By table and destination.
    routes: BTreeMap<(u32, IpNet), Paths>,
    acls: BTreeMap<u32, (String, String)>,
    policies: BTreeMap<u32, (u32, Paths)>,
    attached: BTreeMap<(u32, String), u32>,
    /// By interface and side.
    filters: BTreeMap<(String, String), BTreeSet<u32>>,
}

impl Steering {
    /// The numbers of the ACLs.
    pub fn acls(&self) -> Vec<Fact> {
        let acl = |(index, (tag, _)): (&u32, &(String, String))| Fact::Acl(*index, tag.clone(), Vec::new());
        self.acls.iter().map(acl).collect()
    }

    pub fn names(&self, interface: &str) -> bool {
        let by = |paths: &Paths| paths.iter().any(|(_, of)| of == interface);
        self.routes.values().any(by)
            || self.policies.values().any(|(_, paths)| by(paths))
            || self.attached.keys().any(|(_, of)| of == interface)
            || self.filters.keys().any(|(of, _)| of == interface)
    }

    /// Whether a route is in the table.
    pub fn uses(&self, family: &str, id: u32) -> bool {
        let in_it = |(table, net): &(u32, IpNet)| *table == id && net.addr().is_ipv6() == (family == "ip6");
        self.routes.keys().any(in_it)
    }

    /// `add|del PREFIX [table N] via HOP`
    pub fn route(
        &mut self,
        words: &[&str],
        there: impl Fn(&str) -> bool,
        has_table: impl Fn(&str, u32) -> bool,
    ) -> Outcome {
        let (verb, prefix, table, hop) = match *words {
            [verb, prefix, "via", ref hop @ ..] => (verb, prefix, 0, hop),
            [verb, prefix, "table", table, "via", ref hop @ ..] => {
                (verb, prefix, table.parse().unwrap(), hop)
            }
            _ => panic!("unknown: {words:?}"),
        };
        let prefix: IpNet = prefix.parse().unwrap();
        let family = if prefix.addr().is_ipv4() { "ip" } else { "ip6" };
        unless(!has_table(family, table))?;
        let path = match *hop {
            [gateway, name] => {
                unless(!there(name))?;
                (gateway.to_owned(), name.to_owned())
            }
            _ => (hop.join(" "), String::new()),
        };
        let paths = self.routes.entry((table, prefix.trunc())).or_default();
        let changed = match verb {
            "add" => paths.insert(path),
            _ => paths.remove(&path),
        };
        assert!(changed, "silently nothing happens: {words:?}");
        self.routes.retain(|_, paths| !paths.is_empty());
        Ok(())
    }

    pub fn run(&mut self, words: &[&str], there: impl Fn(&str) -> bool) -> Outcome {
        match *words {
            ["set", "acl-plugin", "acl", "index", n, ref rules @ .., "tag", tag] => {
                let known = self.acls.get_mut(&n.parse().unwrap());
                *known.expect("silently no ACL is replaced") = (tag.to_owned(), rules.join(" "));
                Ok(())
            }
            ["set", "acl-plugin", "acl", ref rules @ .., "tag", tag] => {
                self.add(tag, rules);
                Ok(())
            }
            ["set", "acl-plugin", "acl", ref rules @ ..] => {
                self.add("cli", rules);
                Ok(())
            }
            [
                "set",
                "acl-plugin",
                "interface",
                name,
                side,
                "acl",
                acl,
                ref del @ ..,
            ] => {
                assert!(there(name), "silently nothing is filtered");
                let acl: u32 = acl.parse().unwrap();
                assert!(self.acls.contains_key(&acl), "silently nothing is filtered");
                let of_side = self
                    .filters
                    .entry((name.to_owned(), side.to_owned()))
                    .or_default();
                let changed = match del {
                    [] => of_side.insert(acl),
                    _ => of_side.remove(&acl),
                };
                assert!(changed, "silently nothing happens: {words:?}");
                self.filters.retain(|_, acls| !acls.is_empty());
                Ok(())
            }
            ["delete", "acl-plugin", "acl", "index", n] => {
                let n: u32 = n.parse().unwrap();
                let of = |id: &u32| self.policies.get(id).is_some_and(|(acl, _)| *acl == n);
                unless(self.attached.keys().any(|(id, _)| of(id)))?;
                unless(self.filters.values().any(|acls| acls.contains(&n)))?;
                assert!(!self.policies.keys().any(of), "a policy is left without its ACL");
                unless(self.acls.remove(&n).is_none())
            }
            ["abf", "policy", "add", "id", id, "acl", acl, "via", gateway, name] => {
                unless(!there(name))?;
                let acl: u32 = acl.parse().unwrap();
                assert!(self.acls.contains_key(&acl), "a policy without an ACL kills VPP");
                let path = (gateway.to_owned(), name.to_owned());
                let policy = self.policies.entry(id.parse().unwrap()).or_default();
                assert!(
                    policy.1.is_empty() || policy.0 == acl,
                    "the ACL of a policy stays"
                );
                assert!(policy.1.insert(path), "a path twice: the policy is a blackhole");
                policy.0 = acl;
                Ok(())
            }
            ["abf", "policy", "del", "id", id, "via", gateway, name] => {
                let id: u32 = id.parse().unwrap();
                let attached = self.attached.keys().any(|(policy, _)| *policy == id);
                let policy = self.policies.get_mut(&id).ok_or(Refused)?;
                let path = (gateway.to_owned(), name.to_owned());
                assert!(policy.1.remove(&path), "silently nothing, or an abort");
                assert!(!policy.1.is_empty() || !attached, "attached, without a path");
                self.policies.retain(|_, policy| !policy.1.is_empty());
                Ok(())
            }
            ["abf", "attach", "ip4", "policy", id, "priority", priority, name] => {
                let id: u32 = id.parse().unwrap();
                unless(!self.policies.contains_key(&id) || !there(name))?;
                let known = self
                    .attached
                    .insert((id, name.to_owned()), priority.parse().unwrap());
                assert!(known.is_none(), "attached twice: the priority stays");
                Ok(())
            }
            ["abf", "attach", "ip4", "del", "policy", id, name] => {
                let known = self.attached.remove(&(id.parse().unwrap(), name.to_owned()));
                assert!(known.is_some(), "silently nothing is detached");
                Ok(())
            }
            _ => panic!("unknown: {words:?}"),
        }
    }

    /// The lowest free number.
    fn add(&mut self, tag: &str, rules: &[&str]) {
        let free = (0..).find(|n| !self.acls.contains_key(n)).unwrap();
        self.acls.insert(free, (tag.to_owned(), rules.join(" ")));
    }

    pub fn has(&self) -> BTreeSet<String> {
        let mut has = BTreeSet::new();
        for ((name, side), acls) in &self.filters {
            let acls: BTreeSet<_> = acls.iter().map(|acl| &self.acls[acl]).collect();
            has.insert(format!("filter {name} {side} {acls:?}"));
        }
        has.extend(self.routes.iter().map(|it| format!("route {it:?}")));
        has.extend(self.acls.values().map(|it| format!("acl {it:?}")));
        has.extend(
            self.policies
                .iter()
                .map(|(id, (acl, paths))| format!("policy {id} {} {paths:?}", self.acls[acl].0)),
        );
        has.extend(self.attached.iter().map(|it| format!("attached {it:?}")));
        has
    }
}
