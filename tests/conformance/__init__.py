"""The Autobahn|Testsuite against our WebSockets and autobahn's own, in both roles."""
