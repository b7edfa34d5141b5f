import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.trust.journal import tree
from ecluse.trust.journal.proofs import LeafTree, consistency_proof, inclusion_proof

# Test vectors of the Certificate Transparency project (RFC 6962), eight leaves.
ENTRIES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [tree.leaf_hash(bytes.fromhex(text)) for text in ENTRIES]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_root_is_that_of_the_published_vectors(size):
    assert tree.root(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_an_empty_tree_has_the_published_root():
    assert tree.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_proof_is_that_of_the_published_vectors():
    proof = [node.hex() for node in inclusion_proof(LeafTree(LEAVES), 5)]

    assert proof == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@given(st.data())
def test_every_leaf_is_proved_and_a_wrong_one_is_not(data):
    size = data.draw(st.integers(1, 40))
    index = data.draw(st.integers(0, size - 1))
    leaves = [tree.leaf_hash(bytes([number])) for number in range(size)]
    root, proof = tree.root(leaves), inclusion_proof(LeafTree(leaves), index)

    assert tree.verify_inclusion(leaves[index], index=index, size=size, proof=proof, root=root)
    assert not tree.verify_inclusion(b"x" * 32, index=index, size=size, proof=proof, root=root)
    assert not tree.verify_inclusion(
        leaves[index], index=index, size=size, proof=[*proof, b"x" * 32], root=root
    )


@given(st.data())
def test_a_longer_tree_is_proved_to_begin_with_the_shorter_one(data):
    second = data.draw(st.integers(1, 40))
    first = data.draw(st.integers(1, second))
    leaves = [tree.leaf_hash(bytes([number])) for number in range(second)]
    old, new = tree.root(leaves[:first]), tree.root(leaves)
    proof = consistency_proof(LeafTree(leaves), first)

    assert tree.verify_consistency(first, second, first_root=old, second_root=new, proof=proof)
    assert not tree.verify_consistency(
        first, second, first_root=b"x" * 32, second_root=new, proof=proof
    )
    assert not tree.verify_consistency(
        first, second, first_root=old, second_root=b"x" * 32, proof=proof
    )


def test_a_rewritten_past_is_not_proved():
    other = [tree.leaf_hash(b"forged"), *LEAVES[1:]]

    assert not tree.verify_consistency(
        3,
        8,
        first_root=tree.root(LEAVES[:3]),
        second_root=tree.root(other),
        proof=consistency_proof(LeafTree(other), 3),
    )


def test_a_frontier_goes_on_from_its_nodes():
    frontier = tree.Frontier()
    frontier.append(LEAVES[0])
    frontier.append(LEAVES[1])
    frontier.append(LEAVES[2])
    resumed = tree.Frontier(frontier.size, frontier.nodes)
    resumed.append(LEAVES[3])

    assert resumed.root().hex() == ROOTS[3]
    assert frontier.root().hex() == ROOTS[2]


def test_a_frontier_refuses_nodes_that_are_not_of_its_size():
    with pytest.raises(ValueError, match="2 complete subtrees"):
        tree.Frontier(3, [b"x" * 32])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3)])
def test_a_leaf_outside_the_tree_has_no_proof(index, size):
    with pytest.raises(ValueError, match="is not among"):
        inclusion_proof(LeafTree(LEAVES[:size]), index)
