"""
Kafka's murmur2, written from its definition: what the Java client does with
a key, independently of librdkafka.
"""

M = 0x5bd1e995
SEED = 0x9747b28c
MASK = 0xffffffff


def murmur2(data):
    """The hash as an unsigned 32-bit number."""
    h = SEED ^ len(data)
    whole = len(data) & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i:i + 4], "little")
        k = k * M & MASK
        k ^= k >> 24
        k = k * M & MASK
        h = (h * M & MASK) ^ k
    if len(data) > whole:
        h ^= int.from_bytes(data[whole:], "little")
        h = h * M & MASK
    h ^= h >> 13
    h = h * M & MASK
    return h ^ h >> 15


def partition(key, count):
    """Where the Java client puts a record with this key."""
    return (murmur2(key) & 0x7fffffff) % count
