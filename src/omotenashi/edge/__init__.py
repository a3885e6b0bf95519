"""Public HTTP: what strangers' browsers and servers send, taken or refused, and answered after it is on disk."""
