from inkdigits.web.uploads import UploadRoom


def test_of_many_large_bodies_as_many_as_fit_get_all_they_need():
    room = UploadRoom(400, small=1, small_share=20)
    taken = [room.take(20) for _ in range(25)]
    assert taken == [True] * 19 + [False] * 6
    room.give_back(20)
    assert room.take(20)


def test_large_bodies_leave_room_for_small_ones():
    room = UploadRoom(100, small=5, small_share=10)
    assert room.take(90)
    assert not room.take(6)
    assert room.take(5)
    assert room.take(5)
    assert not room.take(5)
