//! Interfaces that VPP makes, and the sockets of memifs.

use super::tunnel::Tunnel;
use super::{Evidence, Known, Move, Statement, Subject, Way};
use crate::plan::vpp::step::Line;

/// An interface that VPP was told to make.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Interface {
    /// What it is called now.
    pub name: String,
    /// What it is made of.
    pub make: Make,
}

/// What an interface is made of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Make {
    /// A loopback.
    Loopback {
        /// Its instance.
        instance: u32,
        /// Its hardware address; `None`: VPP's choice.
        hw_addr: Option<String>,
    },
    /// A kernel device, by af_packet.
    Host {
        /// The device.
        device: String,
        /// Its hardware address in VPP.
        hw_addr: String,
        /// How many queues it receives on; `None`: one.
        queues: Option<u32>,
    },
    /// A VLAN.
    Vlan {
        /// The interface that carries it.
        parent: String,
        /// Its number there, which is in its name.
        id: u32,
        /// Its tag, the outer one of two.
        outer: Outer,
        /// The inner tag, and the VLAN of the outer tag alone where there is one: linux-cp hangs the pair on that one's.
        inner: Option<(u32, Option<String>)>,
        /// The tags, as the command has them; nothing: the tag is the number.
        words: String,
    },
    /// A bond.
    Bond {
        /// Its number, which is in its name.
        id: u32,
        /// Its mode and settings, as the command has them.
        words: String,
    },
    /// A tunnel.
    Tunnel {
        /// What it is.
        kind: Tunnel,
        /// Its number among those of its kind, which is in its name.
        instance: u32,
        /// Its ends, and its VNI or its key, as the command has them: VPP knows most by them.
        ends: String,
    },
    /// A memif.
    Memif {
        /// Its socket.
        socket: u32,
        /// Its number on the socket.
        id: u32,
        /// Its hardware address.
        hw_addr: String,
        /// `master` or `slave`.
        role: String,
    },
}

/// The tag of a VLAN, or the outer one of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outer {
    /// 802.1Q.
    Dot1q(u32),
    /// 802.1ad.
    Dot1ad(u32),
}

/// A socket of memifs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Socket {
    /// Its id in this VPP.
    pub id: u32,
    /// Its file.
    pub path: String,
}

pub(super) fn read(words: &[&str], known: &Known) -> Option<Statement> {
    let owned = |word: &str| word.to_owned();
    let make = match *words {
        [
            "create",
            "loopback",
            "interface",
            "instance",
            instance,
            ref rest @ ..,
        ] => Make::Loopback {
            instance: instance.parse().ok()?,
            hw_addr: match *rest {
                [] => None,
                ["mac", hw_addr] => Some(owned(hw_addr)),
                _ => return None,
            },
        },
        [
            "create",
            "host-interface",
            "name",
            device,
            "hw-addr",
            hw_addr,
            ref rest @ ..,
        ] => Make::Host {
            device: owned(device),
            hw_addr: owned(hw_addr),
            queues: match *rest {
                [] => None,
                ["num-rx-queues", queues] => Some(queues.parse().ok()?),
                _ => return None,
            },
        },
        ["create", "sub-interfaces", parent, id, ref tags @ ..] => vlan(parent, id, tags, known)?,
        ["create", "bond", ref rest @ ..] => bond(rest)?,
        ["create", kind, "tunnel", ref rest @ ..] => Tunnel::read(kind)?.made(rest)?,
        [
            "create",
            "interface",
            "memif",
            "id",
            id,
            "socket-id",
            socket,
            "hw-addr",
            hw_addr,
            role,
        ] => Make::Memif {
            socket: socket.parse().ok()?,
            id: id.parse().ok()?,
            hw_addr: owned(hw_addr),
            role: owned(role),
        },
        ["create", "memif", "socket", "id", id, "filename", path] => {
            return Some(Statement::Socket(Socket {
                id: id.parse().ok()?,
                path: owned(path),
            }));
        }
        _ => return None,
    };
    Some(Statement::Interface(Interface {
        name: make.automatic_name(),
        make,
    }))
}

/// `[dot1q N | dot1ad N] [inner-dot1q N] [exact-match]`
fn vlan(parent: &str, id: &str, tags: &[&str], known: &Known) -> Option<Make> {
    let number: u32 = id.parse().ok()?;
    let (outer, inner) = match *tags {
        [] => (Outer::Dot1q(number), None),
        [kind @ ("dot1q" | "dot1ad"), tag, ref rest @ ..] => {
            let tag = tag.parse().ok()?;
            let outer = match kind {
                "dot1q" => Outer::Dot1q(tag),
                _ => Outer::Dot1ad(tag),
            };
            let inner = match *rest {
                [] | ["exact-match"] => None,
                ["inner-dot1q", inner] | ["inner-dot1q", inner, "exact-match"] => Some(inner.parse().ok()?),
                _ => return None,
            };
            (outer, inner)
        }
        _ => return None,
    };
    let carrier = || known.carrier(parent, outer).map(str::to_owned);
    Some(Make::Vlan {
        parent: parent.to_owned(),
        id: number,
        outer,
        inner: inner.map(|inner| (inner, carrier())),
        words: tags.join(" "),
    })
}

/// `mode MODE … id N …`
fn bond(words: &[&str]) -> Option<Make> {
    let place = words.iter().position(|word| *word == "id")?;
    let id = words.get(place + 1)?.parse().ok()?;
    let before = words.get(..place)?;
    let behind = words.get(place + 2..)?;
    Some(Make::Bond {
        id,
        words: [before, behind].concat().join(" "),
    })
}

impl Make {
    /// The name VPP gives it.
    pub(in crate::plan::vpp) fn automatic_name(&self) -> String {
        match self {
            Self::Loopback { instance, .. } => format!("loop{instance}"),
            Self::Host { device, .. } => format!("host-{device}"),
            Self::Vlan { parent, id, .. } => format!("{parent}.{id}"),
            Self::Bond { id, .. } => format!("BondEthernet{id}"),
            Self::Tunnel { kind, instance, .. } => format!("{}{instance}", kind.prefix()),
            Self::Memif { socket, id, .. } => format!("memif{socket}/{id}"),
        }
    }

    fn line(&self) -> String {
        match self {
            Self::Loopback { instance, hw_addr } => {
                let mac = hw_addr.as_ref().map(|it| format!(" mac {it}"));
                format!(
                    "create loopback interface instance {instance}{}",
                    mac.unwrap_or_default()
                )
            }
            Self::Host {
                device,
                hw_addr,
                queues,
            } => {
                let queues = queues.map(|it| format!(" num-rx-queues {it}"));
                format!(
                    "create host-interface name {device} hw-addr {hw_addr}{}",
                    queues.unwrap_or_default()
                )
            }
            Self::Vlan {
                parent, id, words, ..
            } => format!("create sub-interfaces {parent} {id} {words}")
                .trim_end()
                .to_owned(),
            Self::Bond { id, words } => format!("create bond {words} id {id}"),
            Self::Tunnel { kind, instance, ends } => {
                format!("create {} tunnel {ends} instance {instance}", kind.word())
            }
            Self::Memif {
                socket,
                id,
                hw_addr,
                role,
            } => format!("create interface memif id {id} socket-id {socket} hw-addr {hw_addr} {role}"),
        }
    }
}

impl Interface {
    pub(super) fn needs(&self) -> Vec<Subject> {
        match &self.make {
            Make::Vlan { parent, inner, .. } => {
                let mut needs = vec![Subject::Interface(parent.clone())];
                if let Some((_, Some(carrier))) = inner {
                    needs.push(Subject::Interface(carrier.clone()));
                    needs.push(Subject::Pair(carrier.clone()));
                }
                needs
            }
            Make::Memif { socket, .. } => vec![Subject::Socket(*socket)],
            Make::Loopback { .. } | Make::Host { .. } | Make::Bond { .. } | Make::Tunnel { .. } => Vec::new(),
        }
    }

    pub(super) fn make(&self) -> Vec<Move> {
        let automatic = self.make.automatic_name();
        let called = |name: &str| {
            Some(Statement::Interface(Self {
                name: name.to_owned(),
                make: self.make.clone(),
            }))
        };
        let mut moves = vec![Move::plain(self.make.line(), None, called(&automatic))];
        if automatic != self.name {
            let text = format!("set interface name {automatic} {}", self.name);
            moves.push(Move::plain(text, called(&automatic), called(&self.name)));
        }
        moves
    }

    pub(super) fn take_back(&self) -> Way {
        let text = match &self.make {
            Make::Loopback { .. } => format!("delete loopback interface intfc {}", self.name),
            // By the kernel's name: with VPP's it is a silent nothing.
            Make::Host { device, .. } => format!("delete host-interface name {device}"),
            Make::Vlan { .. } => format!("delete sub-interface {}", self.name),
            Make::Memif { .. } => format!("delete interface memif {}", self.name),
            Make::Bond { .. } => format!("delete bond {}", self.name),
            Make::Tunnel {
                kind: Tunnel::Ipip, ..
            } => {
                // By its number alone.
                let line = Line::Interface {
                    before: "delete ipip tunnel sw_if_index ".to_owned(),
                    name: self.name.clone(),
                };
                return Way::By(vec![Move::to(
                    line,
                    Some(Statement::Interface(self.clone())),
                    None,
                )]);
            }
            Make::Tunnel {
                kind: Tunnel::Wireguard,
                ..
            } => format!("wireguard delete {}", self.name),
            Make::Tunnel { kind, ends, .. } => format!("create {} tunnel {ends} del", kind.word()),
        };
        Way::one(text, Some(&Statement::Interface(self.clone())), None)
    }

    pub(super) fn evidence(&self) -> Evidence {
        Evidence::listed("show interface", &[&self.name])
    }
}

impl Socket {
    pub(super) fn line(&self) -> String {
        format!("create memif socket id {} filename {}", self.id, self.path)
    }

    pub(super) fn delete(&self) -> String {
        format!("delete memif socket id {}", self.id)
    }

    pub(super) fn evidence(&self) -> Evidence {
        Evidence::listed("show memif", &[&self.id.to_string()])
    }
}
