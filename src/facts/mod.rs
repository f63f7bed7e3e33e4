//! Reads only: sysfs, procfs, netlink dumps, as plain data.
