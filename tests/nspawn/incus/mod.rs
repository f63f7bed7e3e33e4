//! Real incusd: initialised once, nothing written at a second boot, and every wrong `Created` found and repaired (Incus
//! 6.0.4: neither preseed's exit code nor `Created` proves anything).

use super::machine::Machine;
use super::router::Router;

mod absent;
mod autostart;
mod beside;
mod first;
mod half;
mod pools;
mod preseed;
mod refused;
mod repair;
mod writers;

const UNIT: &str = "incus-dataplane.service";
const MARKER: &str = "/persistent/data/imp/incus-initialised.json";

/// Exports what the client needs on a read-only root.
const CLIENT: &str = "export INCUS_CONF=/run/ic; mkdir -p /run/ic; touch /run/ic/config.yml;";

fn query(machine: &Machine, path: &str) -> String {
    machine.sh(&format!("{CLIENT} incus query {path}"))
}

/// Everything that a write would change, as Incus tells it.
fn told(machine: &Machine) -> String {
    let paths = [
        "/1.0/storage-pools/default",
        "/1.0/networks/incusbr0",
        "/1.0/profiles/default",
    ];
    paths.map(|path| query(machine, path)).join("\n")
}

/// The example's bridge is complete, and the step reports no fault.
fn is_whole(machine: &Machine) {
    bridge_is_whole(machine, "incusbr0", "10.234.116.1/24");
    step_is_up(machine);
}

/// A bridge with its address, its dnsmasq and its port in the kernel, and `Created` for Incus.
fn bridge_is_whole(machine: &Machine, name: &str, address: &str) {
    let kernel = format!(
        "ip -4 -o address show dev {name} | grep -qF ' {address} ' && \
         pgrep -f '[d]nsmasq.*--interface={name}' >/dev/null && \
         ip -o link show {name}-dp | grep -q 'master {name} '"
    );
    machine.until(&format!("{name} is whole in the kernel"), 90, &kernel);
    machine.until("Incus is up", 60, "systemctl is-active --quiet incus.service");
    assert!(query(machine, &format!("/1.0/networks/{name}")).contains("\"status\": \"Created\""));
}

fn step_is_up(machine: &Machine) {
    let active = format!("systemctl is-active --quiet {UNIT}");
    machine.until("the step is up", 90, &active);
}

fn step_is_red(machine: &Machine) -> String {
    let failed = format!("systemctl is-failed --quiet {UNIT}");
    machine.until("the step is red", 60, &failed);
    machine.journal(&format!("-u {UNIT}"))
}

/// A router with only core, management and this.
fn router(test: &str, incus: &str) -> Option<Router> {
    let router = Router::new(test)?;
    write_site(&router, incus);
    Some(router)
}

fn write_site(router: &Router, incus: &str) {
    let site = format!(
        "config-version = 1\n[system]\nhostname = \"edge1\"\n\
         [management]\nmatch = {{ mac = \"3c:ec:ef:00:00:01\" }}\naddresses = [\"172.16.0.10/24\"]\n\
         [vpp.core]\nmain-core = 0\nmain-heap-size = \"512M\"\nbuffers-per-numa = 16384\n{incus}"
    );
    router.write_config("imp.toml", &site);
}

fn reload(machine: &Machine) {
    machine.sh("systemctl reload imp-config");
    machine.settle();
}

/// From the next boot on, `holder.service` has port 53 of an address before Incus starts.
fn hold_port_53(router: &Router, address: &str) {
    // 15 is IP_FREEBIND: the address is not there yet.
    let program = format!(
        "import socket, time\n\
         kinds = [socket.SOCK_DGRAM, socket.SOCK_STREAM]\n\
         held = [socket.socket(socket.AF_INET, kind) for kind in kinds]\n\
         [s.setsockopt(socket.SOL_IP, 15, 1) for s in held]\n\
         [s.bind((\"{address}\", 53)) for s in held]\n\
         held[1].listen()\n\
         time.sleep(600)\n"
    );
    router.write_image("opt/holder.py", &program);
    router.write_image(
        "etc/systemd/system/holder.service",
        "[Unit]\nBefore=incus.socket incus.service\nDefaultDependencies=no\nAfter=local-fs.target\n\
         [Service]\nExecStart=/usr/bin/python3 /opt/holder.py\n",
    );
    router.write_image(
        "etc/systemd/system/incus.socket.d/holder.conf",
        "[Unit]\nWants=holder.service\n",
    );
}

/// The smallest configuration: a bridge and a pool.
const LEAST: &str = "[incus.bridges.incusbr0]\naddress = \"10.234.116.1/24\"\ngateway = \"10.234.116.5\"\n\
    [incus.storage-pools.default]\ndriver = \"dir\"\nsource = \"/persistent/data/incus-pool\"\n";

const TRACE: &str = "strace -f -s 64 -e trace=write,writev,sendto,sendmsg";

/// From the next boot on, the unit's system calls are recorded.
fn trace_the_unit(router: &Router) {
    router.write_image(
        &format!("etc/systemd/system/{UNIT}.d/trace.conf"),
        &format!(
            "[Service]\nNotifyAccess=all\nSystemCallFilter=\nExecStart=\n\
             ExecStart=/usr/bin/{TRACE} -o /run/imp/trace /usr/lib/imp/imp-incus watch\n"
        ),
    );
}

/// The requests one run of the step sent to Incus, from its system calls: few, and no write.
fn only_asked(machine: &Machine, trace: &str) -> usize {
    let lines = machine.sh(&format!("grep -E '\"(GET|PUT|POST|PATCH|DELETE) /1.0' {trace}"));
    let writes: Vec<&str> = lines.lines().filter(|line| !line.contains("\"GET ")).collect();
    let count = lines.lines().count();
    assert!(
        count <= 5 && writes.is_empty(),
        "{count} requests, writes: {writes:?}"
    );
    count
}

/// With nothing to do, the step sends few requests and logs nothing. Its own CPU time is printed, not checked.
fn nothing_is_written(machine: &Machine, what: &str) {
    machine.sh(&format!("{TRACE} -o /run/trace /usr/lib/imp/imp-incus"));
    let count = only_asked(machine, "/run/trace");
    let cpu = machine.sh("TIMEFORMAT='%U s user, %S s system'; time /usr/lib/imp/imp-incus");
    eprintln!("{what}: {count} requests, {cpu}");
}

/// A container of busybox: requests a DHCP lease and keeps the answer.
const BUILD_IMAGE: &str = r#"
d=/run/bb; mkdir -p $d/rootfs/bin $d/rootfs/sbin $d/rootfs/etc $d/rootfs/proc $d/rootfs/sys $d/rootfs/dev $d/rootfs/tmp
cp /bin/busybox $d/rootfs/bin/
for applet in sh cat ip sleep udhcpc ping env; do ln -s busybox $d/rootfs/bin/$applet; done
cat >$d/rootfs/sbin/init <<'I'
#!/bin/sh
export PATH=/bin:/sbin
trap 'exit 0' TERM INT PWR
ip link set lo up; ip link set eth0 up
udhcpc -i eth0 -f -t 20 -T 1 -s /bin/leased >/tmp/udhcpc.log 2>&1 &
while :; do sleep 1; done
I
cat >$d/rootfs/bin/leased <<'I'
#!/bin/sh
[ "$1" = bound ] && { ip addr add $ip/$mask dev eth0; ip route add default via $router; env >/tmp/lease; }
exit 0
I
chmod +x $d/rootfs/sbin/init $d/rootfs/bin/leased
echo 'root:x:0:0:root:/root:/bin/sh' >$d/rootfs/etc/passwd; echo 'root:x:0:' >$d/rootfs/etc/group
printf 'architecture: x86_64\ncreation_date: 1750000000\nproperties: {description: bb, os: busybox, release: "1"}\ntemplates: {}\n' \
    >$d/metadata.yaml
tar -C $d -cf /run/bb.tar metadata.yaml rootfs
incus image import /run/bb.tar --alias bb
"#;

/// A container, created by `init` as `c1`, gets the right router by DHCP.
fn container_has_a_lease(machine: &Machine, init: &str, gateway: &str) {
    machine.sh(&format!("{CLIENT} set -e {BUILD_IMAGE} {init}; incus start c1"));
    let lease = machine.until(
        "the container has a lease",
        40,
        // It is there before anything is in it.
        &format!("{CLIENT} incus exec c1 -- cat /tmp/lease | grep router="),
    );
    assert!(lease.contains(&format!("router={gateway}")), "{lease}");
}
