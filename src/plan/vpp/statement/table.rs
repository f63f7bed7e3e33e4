//! The table itself: what each kind of statement needs, how it is made, changed, taken back and read back.

use super::{
    Advertisements, Evidence, Feature, Filter, Known, Move, Nat, Prefix, Setting, Statement, Subject, Value,
    Way, advertise, export, exporter, feature, filter, guard, interface, nat, peer, setting, steer, timeouts,
    vrrp,
};
use crate::plan::vpp::Fact;
use ipnet::IpNet;

impl Statement {
    /// What a line says, given what was made before it. [`Statement::Line`] for all that is not known.
    pub(in crate::plan::vpp) fn read(text: &str, known: &Known) -> Self {
        let words: Vec<&str> = text.split_whitespace().collect();
        interface::read(&words, known)
            .or_else(|| setting::read(&words))
            .or_else(|| advertise::read(&words))
            .or_else(|| steer::read(&words, known))
            .or_else(|| filter::read(&words, known).map(Self::Filter))
            .or_else(|| exporter::read(&words).map(Self::Exporter))
            .or_else(|| nat::read(&words).map(Self::Nat))
            .or_else(|| timeouts::read(&words).map(Self::Timeouts))
            .or_else(|| feature::read(&words).map(Self::Feature))
            .or_else(|| guard::read(&words).map(Self::Guard))
            .or_else(|| export::read(&words).map(Self::Export))
            .or_else(|| peer::read(&words).map(Self::Peer))
            .or_else(|| vrrp::read(&words).map(Self::Vrrp))
            .unwrap_or_else(|| Self::Line(text.to_owned()))
    }

    /// What it is about.
    pub fn subject(&self) -> Subject {
        match self {
            Self::Interface(it) => Subject::Interface(it.name.clone()),
            Self::Socket(it) => Subject::Socket(it.id),
            Self::Setting(it) => it.subject(),
            Self::Advertisements(it) => Subject::Advertisements(it.interface.clone()),
            Self::Prefix(it) => Subject::Prefix(it.interface.clone(), it.prefix),
            Self::Route(it) => Subject::Route(it.table, it.prefix, it.hop.clone()),
            Self::Acl(it) => Subject::Acl(it.tag.clone()),
            Self::Policy(it) => Subject::Policy(it.id),
            Self::Attachment(it) => Subject::Attachment(it.policy, it.interface.clone()),
            Self::Nat(it) => Subject::Nat(it.clone()),
            Self::Filter(it) => Subject::Filter(it.clone()),
            Self::Exporter(_) => Subject::Exporter,
            Self::Timeouts(it) => Subject::Timeouts(it.of),
            Self::Feature(it) => it.subject(),
            Self::Guard(it) => it.subject(),
            Self::Export(it) => it.subject(),
            Self::Peer(it) => it.subject(),
            Self::Vrrp(it) => it.subject(),
            Self::Line(text) => Subject::Line(text.clone()),
        }
    }

    /// What must be there before it, where it is there at all, and cannot be changed under it.
    pub(in crate::plan::vpp) fn needs(&self) -> Vec<Subject> {
        match self {
            Self::Interface(it) => it.needs(),
            Self::Socket(_) | Self::Acl(_) | Self::Line(_) => Vec::new(),
            Self::Setting(it) => it.needs(),
            Self::Advertisements(Advertisements { interface, .. })
            | Self::Prefix(Prefix { interface, .. }) => {
                vec![
                    Subject::Interface(interface.clone()),
                    Subject::Pair(interface.clone()),
                ]
            }
            Self::Route(it) => it.needs(),
            Self::Policy(it) => vec![
                Subject::Acl(it.acl.clone()),
                Subject::Interface(it.path.interface.clone()),
            ],
            Self::Attachment(it) => vec![
                Subject::Policy(it.policy),
                Subject::Interface(it.interface.clone()),
            ],
            Self::Nat(it) => it.needs(),
            Self::Filter(it) => it.needs(),
            Self::Exporter(_) | Self::Timeouts(_) => Vec::new(),
            Self::Feature(it) => it.needs(),
            Self::Guard(it) => it.needs(),
            Self::Export(it) => it.needs(),
            Self::Peer(it) => vec![Subject::Interface(it.interface.clone())],
            Self::Vrrp(it) => it.needs(),
        }
    }

    /// The interface whose property it is: it goes with the interface.
    pub(in crate::plan::vpp) fn owner(&self) -> Option<&str> {
        match self {
            Self::Setting(it) => Some(&it.interface),
            Self::Advertisements(it) => Some(&it.interface),
            Self::Prefix(it) => Some(&it.interface),
            Self::Peer(it) => Some(&it.interface),
            _ => None,
        }
    }

    /// The address, and the interface it is on.
    pub(in crate::plan::vpp) fn address(&self) -> Option<(&str, IpNet)> {
        match self {
            Self::Setting(Setting {
                interface,
                value: Value::Address(address),
            }) => Some((interface, *address)),
            _ => None,
        }
    }

    /// Whether it is an IPv6 address of an interface.
    pub(in crate::plan::vpp) fn is_ipv6(&self) -> bool {
        self.address()
            .is_some_and(|(_, address)| matches!(address, IpNet::V6(_)))
    }

    /// The interface and the side that an ACL filters.
    pub(in crate::plan::vpp) fn filtered(&self) -> Option<(&str, &str)> {
        match self {
            Self::Filter(it) => Some((&it.interface, &it.side)),
            _ => None,
        }
    }

    /// The ACL on a side of an interface.
    pub(in crate::plan::vpp) fn filter(&self) -> Option<&Filter> {
        match self {
            Self::Filter(it) => Some(it),
            _ => None,
        }
    }

    /// The tag of an ACL that lets back in what belongs to a flow that it let out.
    pub(in crate::plan::vpp) fn reflecting(&self) -> Option<&str> {
        let reflects = |rules: &str| rules.split([' ', ',']).any(|it| it == "permit+reflect");
        match self {
            Self::Acl(it) => reflects(&it.rules).then_some(it.tag.as_str()),
            _ => None,
        }
    }

    /// Whether it is an ACL.
    pub(in crate::plan::vpp) fn is_acl(&self) -> bool {
        matches!(self, Self::Acl(_))
    }

    /// Whether it is a virtual router, or something of one: nothing else needs it.
    pub(in crate::plan::vpp) fn is_of_a_virtual_router(&self) -> bool {
        matches!(self, Self::Vrrp(_))
    }

    /// The interface of a virtual router.
    pub(in crate::plan::vpp) fn virtual_router(&self) -> Option<&str> {
        match self {
            Self::Vrrp(it) => it.interface(),
            _ => None,
        }
    }

    /// Whether it is part of an interface's router advertisements.
    pub(in crate::plan::vpp) fn is_advertised(&self) -> bool {
        matches!(self, Self::Advertisements(_) | Self::Prefix(_))
    }

    /// Whether it is the Linux side of an interface.
    pub(in crate::plan::vpp) fn is_pair(&self) -> bool {
        matches!(
            self,
            Self::Setting(Setting {
                value: Value::Pair(_) | Value::Tun(_),
                ..
            })
        )
    }

    /// Whether it speaks IPv6 as long as this is there, and the interface: an address of it, or IPv6 itself.
    pub(in crate::plan::vpp) fn speaks_ipv6(&self) -> Option<&str> {
        match self {
            Self::Setting(Setting {
                interface,
                value: Value::Ipv6 | Value::Address(IpNet::V6(_)),
            }) => Some(interface),
            _ => None,
        }
    }

    /// Whether it is the end of IPv6 on an interface.
    pub(in crate::plan::vpp) fn is_silence(&self) -> bool {
        matches!(
            self,
            Self::Setting(Setting {
                value: Value::Silent,
                ..
            })
        )
    }

    /// The end of IPv6 on the interface.
    pub(in crate::plan::vpp) fn silence(interface: &str) -> Self {
        Self::Setting(Setting {
            interface: interface.to_owned(),
            value: Value::Silent,
        })
    }

    /// A member of a bond, and the bond.
    pub(in crate::plan::vpp) fn member(&self) -> Option<(&str, &str)> {
        match self {
            Self::Feature(Feature::Member { interface, bond, .. }) => Some((interface, bond)),
            _ => None,
        }
    }

    /// The table and the destination of a route.
    pub(in crate::plan::vpp) fn route(&self) -> Option<(u32, IpNet)> {
        match self {
            Self::Route(it) => Some((it.table, it.prefix)),
            _ => None,
        }
    }

    /// Whether VPP may have more for it than it says: a virtual router puts its addresses on the interface.
    pub(in crate::plan::vpp) fn is_opaque(&self) -> bool {
        matches!(self, Self::Line(_) | Self::Vrrp(_))
    }

    /// Whether a second line about the same subject adds to the first, where of all others the later one holds.
    pub(in crate::plan::vpp) fn accumulates(&self) -> bool {
        match self {
            Self::Policy(_) => true,
            Self::Feature(it) => it.accumulates(),
            _ => false,
        }
    }

    /// What a VPP shows that has it: read back after every start and every change, for kinds that VPP may drop without a word.
    pub(in crate::plan::vpp) fn facts(&self, known: &Known) -> Vec<Fact> {
        match self {
            Self::Setting(it) => it.facts().into_iter().collect(),
            Self::Advertisements(it) => it.facts(),
            Self::Prefix(it) => vec![it.facts()],
            Self::Route(it) => it.facts(),
            Self::Acl(it) => it.facts(known).into_iter().collect(),
            Self::Policy(it) => it.facts(known),
            Self::Attachment(it) => vec![it.facts()],
            Self::Nat(it) => it.facts().into_iter().collect(),
            Self::Feature(it) => it.facts().into_iter().collect(),
            Self::Filter(it) => it.facts(known).into_iter().collect(),
            Self::Guard(it) => it.facts().into_iter().collect(),
            Self::Peer(it) => vec![it.facts()],
            Self::Vrrp(it) => it.facts().into_iter().collect(),
            Self::Interface(it) => it.facts().into_iter().collect(),
            Self::Socket(_) | Self::Exporter(_) | Self::Timeouts(_) | Self::Export(_) | Self::Line(_) => {
                Vec::new()
            }
        }
    }

    /// How VPP is asked whether it has it, when nobody waited for the answer to its line.
    pub(in crate::plan::vpp) fn evidence(&self) -> Evidence {
        match self {
            Self::Interface(it) => it.evidence(),
            Self::Socket(it) => it.evidence(),
            Self::Setting(it) => it.evidence(),
            Self::Advertisements(_) | Self::Prefix(_) | Self::Exporter(_) | Self::Timeouts(_) => {
                Evidence::Value
            }
            Self::Filter(it) => it.evidence(),
            Self::Route(it) => it.evidence(),
            Self::Acl(it) => it.evidence(),
            Self::Policy(it) => it.evidence(),
            Self::Attachment(it) => it.evidence(),
            Self::Nat(it) => it.evidence(),
            Self::Feature(it) => it.evidence(),
            Self::Guard(it) => it.evidence(),
            Self::Export(it) => it.evidence(),
            Self::Peer(it) => it.evidence(),
            Self::Vrrp(_) | Self::Line(_) => Evidence::Unknown,
        }
    }

    /// Whether it is an address of a pool that may be larger for a moment: one of nat64's takes a megabyte of heap.
    pub(in crate::plan::vpp) fn is_of_a_cheap_pool(&self) -> bool {
        matches!(self, Self::Nat(Nat::Nat44Address(_)))
    }

    /// The MTU, and the interface that has it.
    pub(in crate::plan::vpp) fn mtu(&self) -> Option<(&str, u32)> {
        match self {
            Self::Setting(Setting {
                interface,
                value: Value::Mtu(mtu),
            }) => Some((interface, *mtu)),
            _ => None,
        }
    }

    /// Why VPP has to be restarted when it comes or goes; `None`: it need not be.
    pub(in crate::plan::vpp) fn restarts(&self) -> Option<&'static str> {
        match self {
            Self::Nat(it) => it.restarts(),
            Self::Export(it) => it.restarts(),
            _ => None,
        }
    }

    /// How a VPP gets it that has nothing about its subject.
    pub(in crate::plan::vpp) fn make(&self) -> Vec<Move> {
        match self {
            Self::Interface(it) => it.make(),
            Self::Socket(it) => vec![Move::plain(it.line(), None, Some(self.clone()))],
            Self::Setting(it) => vec![Move::plain(it.line(), None, Some(self.clone()))],
            Self::Advertisements(it) => it.make(),
            Self::Prefix(it) => vec![Move::plain(it.line(), None, Some(self.clone()))],
            Self::Route(it) => vec![Move::plain(it.line("add"), None, Some(self.clone()))],
            Self::Acl(it) => vec![Move::plain(it.line(), None, Some(self.clone()))],
            Self::Policy(it) => vec![Move::to(it.line("add"), None, Some(self.clone()))],
            Self::Attachment(it) => vec![Move::plain(it.line(), None, Some(self.clone()))],
            Self::Filter(it) => vec![Move::to(it.line(), None, Some(self.clone()))],
            Self::Exporter(it) => vec![Move::plain(it.line(), None, Some(self.clone()))],
            Self::Nat(it) => vec![Move::plain(it.line(), None, Some(self.clone()))],
            Self::Timeouts(it) => it.make(),
            Self::Feature(it) => vec![Move::plain(it.line(), None, Some(self.clone()))],
            Self::Guard(it) => vec![Move::plain(it.line(), None, Some(self.clone()))],
            Self::Export(it) => vec![Move::plain(it.line(), None, Some(self.clone()))],
            Self::Peer(it) => vec![Move::plain(it.line(), None, Some(self.clone()))],
            Self::Vrrp(it) => it.make(),
            Self::Line(text) => vec![Move::plain(text.clone(), None, Some(self.clone()))],
        }
    }

    /// How it is taken back. `made`: whether VPP was told to make its interface, whose defaults are known then.
    pub(in crate::plan::vpp) fn take_back(&self, made: bool) -> Way {
        match self {
            Self::Interface(it) => it.take_back(),
            Self::Socket(it) => Way::one(it.delete(), Some(self), None),
            Self::Setting(it) => it.take_back(made),
            Self::Advertisements(it) => Way::By(it.take_back()),
            Self::Prefix(it) => Way::one(it.delete(), Some(self), None),
            Self::Route(it) => Way::one(it.line("del"), Some(self), None),
            Self::Acl(it) => Way::By(vec![Move::to(it.delete(), Some(self.clone()), None)]),
            Self::Policy(it) => Way::By(vec![Move::plain(it.delete(), Some(self.clone()), None)]),
            Self::Attachment(it) => Way::one(it.delete(), Some(self), None),
            Self::Filter(it) => Way::By(vec![Move::to(it.delete(), Some(self.clone()), None)]),
            Self::Exporter(it) => Way::one(it.delete(), Some(self), None),
            Self::Nat(it) => match it.delete() {
                Some(text) => Way::one(text, Some(self), None),
                None => Way::Restart(it.to_string()),
            },
            Self::Timeouts(it) => Way::By(it.take_back()),
            Self::Feature(it) => Way::one(it.delete(), Some(self), None),
            Self::Guard(it) => Way::one(it.delete(), Some(self), None),
            Self::Export(it) => match it.delete() {
                Some(text) => Way::one(text, Some(self), None),
                None => Way::Restart(format!("{} cannot be taken back", self.subject())),
            },
            Self::Peer(it) => it.take_back(),
            Self::Vrrp(it) => it.take_back(),
            Self::Line(text) => Way::Restart(format!("nothing is known that takes back '{text}'")),
        }
    }

    /// How another statement about the same subject takes its place.
    pub(in crate::plan::vpp) fn turn_into(&self, after: &Self) -> Way {
        match (self, after) {
            (Self::Setting(before), Self::Setting(to)) if before.changes_in_place() => {
                Way::one(to.line(), Some(self), Some(after))
            }
            (Self::Advertisements(before), Self::Advertisements(to)) => Way::By(before.turn_into(to)),
            // Another lifetime: VPP takes the line again.
            (Self::Prefix(_), Self::Prefix(to)) => Way::one(to.line(), Some(self), Some(after)),
            (Self::Timeouts(before), Self::Timeouts(to)) => Way::By(before.turn_into(to)),
            (Self::Exporter(_), Self::Exporter(to)) => Way::one(to.line(), Some(self), Some(after)),
            (Self::Feature(before), Self::Feature(to)) => before.turn_into(to),
            (Self::Guard(before), Self::Guard(to)) => before.turn_into(to),
            (Self::Export(before), Self::Export(to)) => before.turn_into(to),
            (Self::Acl(_), Self::Acl(to)) => Way::By(vec![Move::to(
                to.replace(),
                Some(self.clone()),
                Some(after.clone()),
            )]),
            _ => Way::Remake,
        }
    }
}
