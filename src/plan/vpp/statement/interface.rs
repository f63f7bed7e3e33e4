//! Interfaces that VPP makes, and the sockets of memifs.

use super::{Move, Statement, Subject};

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
        /// Its hardware address.
        hw_addr: String,
    },
    /// A kernel device, by af_packet.
    Host {
        /// The device.
        device: String,
        /// Its hardware address in VPP.
        hw_addr: String,
    },
    /// A VLAN.
    Vlan {
        /// The interface that carries it.
        parent: String,
        /// Its tag.
        id: u32,
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

/// A socket of memifs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Socket {
    /// Its id in this VPP.
    pub id: u32,
    /// Its file.
    pub path: String,
}

pub(super) fn read(words: &[&str]) -> Option<Statement> {
    let owned = |word: &str| word.to_owned();
    let make = match *words {
        [
            "create",
            "loopback",
            "interface",
            "instance",
            instance,
            "mac",
            hw_addr,
        ] => Make::Loopback {
            instance: instance.parse().ok()?,
            hw_addr: owned(hw_addr),
        },
        ["create", "host-interface", "name", device, "hw-addr", hw_addr] => Make::Host {
            device: owned(device),
            hw_addr: owned(hw_addr),
        },
        ["create", "sub-interfaces", parent, id] => Make::Vlan {
            parent: owned(parent),
            id: id.parse().ok()?,
        },
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

impl Make {
    /// The name VPP gives it.
    pub(in crate::plan::vpp) fn automatic_name(&self) -> String {
        match self {
            Self::Loopback { instance, .. } => format!("loop{instance}"),
            Self::Host { device, .. } => format!("host-{device}"),
            Self::Vlan { parent, id } => format!("{parent}.{id}"),
            Self::Memif { socket, id, .. } => format!("memif{socket}/{id}"),
        }
    }

    fn line(&self) -> String {
        match self {
            Self::Loopback { instance, hw_addr } => {
                format!("create loopback interface instance {instance} mac {hw_addr}")
            }
            Self::Host { device, hw_addr } => {
                format!("create host-interface name {device} hw-addr {hw_addr}")
            }
            Self::Vlan { parent, id } => format!("create sub-interfaces {parent} {id}"),
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
            Make::Vlan { parent, .. } => vec![Subject::Interface(parent.clone())],
            Make::Memif { socket, .. } => vec![Subject::Socket(*socket)],
            Make::Loopback { .. } | Make::Host { .. } => Vec::new(),
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

    pub(super) fn delete(&self) -> String {
        match &self.make {
            Make::Loopback { .. } => format!("delete loopback interface intfc {}", self.name),
            // By the kernel's name: with VPP's it is a silent nothing.
            Make::Host { device, .. } => format!("delete host-interface name {device}"),
            Make::Vlan { .. } => format!("delete sub-interface {}", self.name),
            Make::Memif { .. } => format!("delete interface memif {}", self.name),
        }
    }
}

impl Socket {
    pub(super) fn line(&self) -> String {
        format!("create memif socket id {} filename {}", self.id, self.path)
    }

    pub(super) fn delete(&self) -> String {
        format!("delete memif socket id {}", self.id)
    }
}
