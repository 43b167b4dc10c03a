"""The limits of the wire, each with its reason.

A peer is a stranger: whatever it sends is bounded where it enters.
"""

from __future__ import annotations

#: Largest WebSocket message (bytes). PadChat sends images as base64 in one frame;
#: the wechaty client allowed 100 MiB, engine.io 3 servers took 100 MB. A full-size
#: photo is below 20 MiB, and every account may hold one such frame in memory.
MAX_FRAME_BYTES = 32 * 1024 * 1024

#: Most attachments of one packet. Source: socket.io-parser 3.4.5, maxAttachments.
MAX_ATTACHMENTS = 10

#: Most bytes of the attachments of one packet, where it has more than one: two
#: messages of the largest size, for all of them are in memory until the last one is
#: there. As many wait for a peer of ours that does not read.
MAX_ATTACHMENT_BYTES = 2 * MAX_FRAME_BYTES

#: Deepest nesting of JSON. Real traffic needs fewer than ten levels; readers fail
#: at 500 to 10,000 depending on interpreter and stack.
MAX_JSON_DEPTH = 128

#: Most values in one JSON text, counted by commas and opening brackets. Five thousand
#: contacts of thirty fields have 150,000; a frame full of empty objects would take
#: sixty times its size in memory.
MAX_JSON_VALUES = 250_000

#: A JSON text up to this size (bytes) is not looked at before it is read as a known
#: type: it has too few values and levels to do harm, and what the type does not know
#: is passed over, not built.
SHORT_JSON_BYTES = 1024

#: Longest namespace with its query (bytes). Keys and labels are short texts.
MAX_NAMESPACE_BYTES = 4096

#: Most namespaces of one connection; PadChat uses one besides the main one.
MAX_NAMESPACES = 16

#: Longest ack id (decimal digits): JavaScript counts exactly up to 2**53.
MAX_ACK_DIGITS = 16

#: Most bytes that wait for a transport that does not take any (back-pressure).
MAX_BUFFERED_BYTES = 64 * 1024 * 1024

#: Most packets that wait for it, however small: without their content they take 32 MB.
MAX_WAITING_PACKETS = 250_000

#: What a packet that waits takes in memory besides its content (bytes), about.
PACKET_BYTES = 64

#: Most bytes of what cannot wait elsewhere (answers to namespaces, heartbeats) for a
#: client that does not poll: hundreds of them.
MAX_OUTBOX_BYTES = 64 * 1024

#: Time for a client to send the upgrade packet after its WebSocket is open (seconds).
#: Source: engine.io 6.6, upgradeTimeout.
UPGRADE_TIMEOUT = 10.0

#: How long a poll that waits is left alone while the client upgrades (seconds): it
#: ends then, for the client goes on only when no request of it is open. Source:
#: engine.io 6.6, Socket.maybeUpgrade.
NOOP_SECONDS = 0.1

#: Bounds of the heartbeat that a peer may ask for (milliseconds).
MIN_PING_MS = 10
MAX_PING_MS = 24 * 3600 * 1000

#: Time for the open packet to come after the WebSocket is open (seconds).
OPEN_TIMEOUT = 20.0

#: Time for the peer to answer a closing handshake (seconds).
CLOSE_TIMEOUT = 5.0
