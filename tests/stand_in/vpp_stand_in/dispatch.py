"""Finds the command in a line as VPP does: unique abbreviations, leftover words run as a further command."""

import os
import signal

from .words import Args, Refused, split

COMMANDS = []
# Below these words VPP loses the error of a sub-command: status 0, no text.
ERRORS_LOST = ("set acl-plugin",)


def command(path, plugin=None, whole_line=False):
    """Registers a command. `whole_line`: it takes every word to the end, so nothing is left over."""

    def register(function):
        COMMANDS.append((path.split(), plugin, whole_line, function))
        return function

    return register


class Node:
    """One word of the command tree."""

    def __init__(self):
        self.children, self.function, self.whole_line = {}, None, False

    def child(self, word):
        if word in self.children:
            return word
        matches = [name for name in self.children if name.startswith(word)]
        return matches[0] if len(matches) == 1 else None


class Cli:
    """The commands the loaded plugins offer."""

    def __init__(self, vpp):
        self.vpp = vpp
        self.root = Node()
        for path, plugin, whole_line, function in COMMANDS:
            if plugin is None or vpp.startup.enabled(plugin):
                node = self.root
                for word in path:
                    node = node.children.setdefault(word, Node())
                node.function, node.whole_line = function, whole_line

    def run(self, text):
        """(status, text) of a request: 0, or -1 at the first line that returns an error."""
        if text.strip() and text.strip() == os.environ.get("VPP_STAND_IN_DIE"):
            os.kill(os.getpid(), signal.SIGKILL)
        self.vpp.catch_up()
        output = []
        for line in text.replace("\\\n", "").split("\n"):
            try:
                self._line(Args(split(line)), output)
            except Refused as refused:
                return -1, "".join(output) + str(refused)
        return 0, "".join(output)

    def _line(self, args, output):
        while not args.end():
            if args.take("comment"):
                args.words.clear()
            elif args.words[0] == "vpplog":
                args.next()
                if args.end():
                    raise Refused("unknown input `'")
                self.vpp.note("notice", "cli/log", f"CLI: {args.next()}")
            else:
                self._command(args, output)

    def _command(self, args, output):
        node, path = self.root, []
        while not args.end():
            word = node.child(args.words[0])
            if word is None:
                break
            args.next()
            path.append(word)
            node = node.children[word]
        name = " ".join(path)
        if node.function is None:
            prefix = f"{name}: " if name else ""
            raise Refused(f"{prefix}unknown input `{args.rest()}'")
        mine = args
        if node.whole_line:
            mine = Args(args.words[:])
            args.words.clear()
        try:
            answer = node.function(self.vpp, mine)
        except Refused as refused:
            if name.startswith(ERRORS_LOST):
                return
            raise Refused(f"{name}: {refused}") from None
        if answer:
            output.append(answer if answer.endswith("\n") else answer + "\n")
