//! What a VPP has that its commands did not make. Pure.

use super::state::State;
use super::statement::{Nat, Statement, Subject};
use super::{Command, Fact, shown};
use ipnet::{IpNet, Ipv4Net};
use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr};

/// The lists of what a VPP has. One whose plugin is not loaded refuses the question.
const LISTS: [&str; 9] = [
    "show interface",
    "show interface address",
    "show lcp",
    "show acl-plugin acl",
    "show abf policy",
    "show det44 mappings",
    "show nat44 addresses",
    "show nat44 static mappings",
    "show nat64 pool",
];
/// The lists of all routes. Linux's are in them where linux-cp is.
const ROUTES: [&str; 2] = ["show ip fib", "show ip6 fib"];
/// How the interfaces are called that commands make: the others are NICs, or made by VPP itself.
const MADE: [&str; 8] = [
    "loop",
    "host-",
    "memif",
    "BondEthernet",
    "gre",
    "ipip",
    "vxlan_tunnel",
    "wg",
];

/// What the commands made, against which answers are held.
///
/// What VPP and linux-cp make by themselves is not surplus, nor is anything that may come from a line of the operator's whose
/// kind is not known.
#[derive(Debug)]
pub struct Surplus {
    state: State,
    /// The interfaces that have properties.
    owners: HashSet<String>,
    /// Every word of the lines that say more than is known of them.
    words: HashSet<String>,
    has_pairs: bool,
}

impl Surplus {
    /// Of a VPP with these commands.
    pub fn of(commands: &[Command]) -> Self {
        let state = State::of(commands);
        let owners = state.statements().filter_map(Statement::owner);
        let owners: HashSet<String> = owners.map(str::to_owned).collect();
        let opaque = state.entries().filter(|it| it.statement.is_opaque());
        let words = opaque.flat_map(|it| it.command.text.split_whitespace());
        let words: HashSet<String> = words.map(str::to_owned).collect();
        let has_pairs = state.statements().any(Statement::is_pair);
        Self {
            state,
            owners,
            words,
            has_pairs,
        }
    }

    /// What to ask.
    pub fn questions(&self) -> impl Iterator<Item = &'static str> {
        LISTS.into_iter()
    }

    /// What the answer shows that nobody asked for, a line each.
    pub fn of_list(&self, question: &str, answer: &str) -> Vec<String> {
        let first = |line: &str| line.split_whitespace().next()?.parse::<Ipv4Addr>().ok();
        match question {
            "show nat44 addresses" => self.pool(answer.lines().filter_map(first), Nat::Nat44Address),
            "show nat64 pool" => self.pool(answer.lines().filter_map(first), Nat::Nat64Address),
            "show nat44 static mappings" => self.mappings(answer),
            _ => shown(question, answer)
                .into_iter()
                .filter(|fact| self.is_surplus(fact))
                .map(|fact| match fact {
                    Fact::Mtu(name, _) => format!("an interface '{name}'"),
                    Fact::Acl(_, tag, _) => format!("an acl '{tag}'"),
                    fact => fact.to_string(),
                })
                .collect(),
        }
    }

    /// The lists of all routes, where they are worth asking for: not where linux-cp is, whose routes are Linux's and as many as
    /// the internet has.
    pub fn of_all_routes(&self) -> impl Iterator<Item = &'static str> {
        ROUTES.into_iter().filter(|_| !self.has_pairs)
    }

    /// The prefixes in a list of all routes that may be surplus: VPP makes many of its own, and only the answer to
    /// `show ip fib PREFIX` says whether one came from a command.
    pub fn routes_in(&self, answer: &str) -> Vec<IpNet> {
        let routes: HashSet<IpNet> = self
            .state
            .statements()
            .filter_map(Statement::route)
            .filter(|(table, _)| *table == 0)
            .map(|(_, prefix)| prefix)
            .collect();
        // The main table comes first.
        let main = answer.lines().skip(1).take_while(|line| !line.starts_with("ipv"));
        let prefixes = main.filter_map(|line| line.split_whitespace().next()?.parse::<IpNet>().ok());
        let unasked =
            prefixes.filter(|prefix| !routes.contains(prefix) && !self.is_named(&prefix.to_string()));
        unasked.collect()
    }

    /// Whether the answer to `show ip fib PREFIX` shows that a command made the route.
    pub fn is_of_a_command(prefix: IpNet, answer: &str) -> bool {
        let mut lines = answer.lines().skip(1);
        let found = lines.next().and_then(|line| line.split_whitespace().next());
        found.and_then(|word| word.parse().ok()) == Some(prefix)
            && lines
                .take_while(|line| !line.starts_with("ipv"))
                .any(|line| line.split_whitespace().next() == Some("CLI"))
    }

    fn is_surplus(&self, fact: &Fact) -> bool {
        match fact {
            Fact::Mtu(name, _) => self.is_made(name) && !self.is_interface(name) && !self.is_named(name),
            Fact::Address(name, address) => {
                self.is_interface(name)
                    && !self.state.has(&Subject::Address(name.clone(), *address))
                    && !is_link_local(address.addr())
                    && !self.is_named(name)
                    && !self.is_named(&address.addr().to_string())
            }
            Fact::Pair(name, _) => !self.state.has(&Subject::Pair(name.clone())) && !self.is_named(name),
            Fact::Acl(_, tag, _) => {
                !self.state.has(&Subject::Acl(tag.clone())) && tag != "cli" && !self.is_named(tag)
            }
            Fact::Policy(id, _) => !self.state.has(&Subject::Policy(*id)) && !self.is_named(&id.to_string()),
            Fact::Map(inside, outside) => {
                let nat = Nat::Map(*inside, *outside);
                !self.state.has(&Subject::Nat(nat)) && !self.is_named(&Ipv4Net::to_string(inside))
            }
            _ => false,
        }
    }

    /// Whether somebody made it: a VLAN of one of our interfaces, or another kind that commands make.
    fn is_made(&self, name: &str) -> bool {
        let on_ours = name
            .rsplit_once('.')
            .is_some_and(|(parent, _)| self.is_interface(parent));
        on_ours || MADE.iter().any(|kind| name.starts_with(kind))
    }

    fn is_interface(&self, name: &str) -> bool {
        self.state.makes(name) || self.owners.contains(name)
    }

    /// Whether a line that is not known in full has the word.
    fn is_named(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    fn pool(&self, addresses: impl Iterator<Item = Ipv4Addr>, of: fn(Ipv4Addr) -> Nat) -> Vec<String> {
        let surplus = addresses.filter(|address| !self.state.has(&Subject::Nat(of(*address))));
        let surplus = surplus.filter(|address| !self.is_named(&address.to_string()));
        surplus.map(|address| format!("{address} in the pool")).collect()
    }

    /// ` TCP local 10.0.0.80:8443 external 203.0.113.65:443 vrf 0`, or without a protocol and ports.
    fn mappings(&self, answer: &str) -> Vec<String> {
        let mapping = |line: &str| {
            let words: Vec<String> = line
                .split_whitespace()
                .take_while(|word| *word != "vrf")
                .flat_map(|word| word.split(':'))
                .map(str::to_lowercase)
                .collect();
            let is_one =
                words.iter().any(|word| word == "local") && words.iter().any(|word| word == "external");
            is_one.then(|| words.join(" "))
        };
        let all = answer.lines().filter_map(mapping);
        let surplus = all.filter(|words| !self.state.has(&Subject::Nat(Nat::Nat44Static(words.clone()))));
        let opaque = |words: &String| {
            words
                .split(' ')
                .any(|word| word.contains('.') && self.is_named(word))
        };
        surplus
            .filter(|words| !opaque(words))
            .map(|words| format!("the mapping {words}"))
            .collect()
    }
}

fn is_link_local(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.is_unicast_link_local())
}
