"""The sentences of ``explain`` in Chinese."""

from __future__ import annotations

from ..errors import (
    AuthKeyExpired,
    AuthKeyInUse,
    AuthKeyInvalid,
    BufferFull,
    CallError,
    CallRejected,
    ConfigurationError,
    ConnectError,
    ConnectTimedOut,
    DeviceInUse,
    Disconnected,
    HandshakeRefused,
    LocalProtocolError,
    LoggedOut,
    LoginCancelled,
    LoginDeclined,
    LoginError,
    LoginFailedOften,
    LoginTokenExpired,
    MediaRefused,
    NamespaceRefused,
    NeedsHuman,
    NotInRoom,
    NotSent,
    OutcomeUnknown,
    PadChatError,
    PictureRefused,
    QRCodeExpired,
    RemoteProtocolError,
    SchemaTooNew,
    StillUnknown,
    StoreDamaged,
    StoreError,
    StoreExposed,
    StoreLocked,
    StoreReadOnly,
    StoreSealed,
    TakenOver,
)
from .sentences import ReasonWords, Sentences, StateWords, StoredWords

__all__ = ["CHINESE"]

_LOOK_AT_GATEWAY = "如果一直这样，请确认网关在运行，并查看网关的日志"
_LOOK_INTO_LOG = "查看那个时间的日志，里面有原话"
_SCAN = "请拿着这个账号手机的人扫码"

_STATES = {
    "offline": StateWords(
        "还没有启动",
        "在启动之前什么也不会发生",
        do="启动服务，或者让程序调用 account.start()",
    ),
    "connecting": StateWords(
        "正在连接网关", "网关放行后立即登录；如果这次没有连上，会自动再试"
    ),
    "initialising": StateWords(
        "已经连上，正在准备登录", "用保存的登录信息登录；没有的话就显示二维码"
    ),
    "awaiting_scan": StateWords(
        "正在等人扫描二维码",
        "二维码过期后会换一个；连续 {codes} 个没有人扫，就停下来等人处理",
        "二维码将在 {wait}后过期，然后换一个；连续 {codes} 个没有人扫，就停下来等人"
        "处理",
        "用这个账号的手机扫码：二维码在服务的终端上，图片在存储文件旁边的 qrcodes"
        " 目录里",
    ),
    "awaiting_confirm": StateWords(
        "已经扫码，正在等手机上确认",
        "如果不确认，二维码会过期，然后换一个",
        "如果不确认，二维码将在 {wait}后过期，然后换一个",
        "在手机上确认登录",
    ),
    "logging_in": StateWords(
        "正在登录",
        "等网关确认登录",
        "等网关确认登录；如果 {wait}内没有消息，就重新连接",
    ),
    "syncing": StateWords(
        "已经登录，正在接收联系人",
        "联系人收完后就绪",
        "联系人收完后就绪，最多再等 {wait}",
        "不需要做什么：现在就可以发送命令",
    ),
    "ready": StateWords(
        "在线",
        "保持在线",
        "保持在线；{wait}后再保存一次登录信息",
        "不需要做什么",
    ),
    "retrying": StateWords(
        "不在线，正在等待重新连接", "会自动再试", "{wait}后自动再试"
    ),
    "needs_human": StateWords(
        "不在线，正在等人处理",
        "什么也不会发生：它不会自己再试",
        after="重启服务，或者让程序调用 account.try_again()",
    ),
    "closing": StateWords("正在离开网关", "连接断开后就关闭", do="不需要做什么"),
    "closed": StateWords(
        "已经关闭",
        "什么也不会发生：这次会话已经结束",
        after="重新启动服务，它才会再上线",
    ),
}

_REASONS = {
    PadChatError: ReasonWords("出了问题", _LOOK_INTO_LOG),
    LocalProtocolError: ReasonWords("程序被要求做协议不允许的事", _LOOK_INTO_LOG),
    BufferFull: ReasonWords("网关没有接收发给它的数据", _LOOK_AT_GATEWAY),
    RemoteProtocolError: ReasonWords("网关违反了协议{layer}", _LOOK_INTO_LOG),
    PictureRefused: ReasonWords("网关发来的二维码图片无法使用", _LOOK_AT_GATEWAY),
    MediaRefused: ReasonWords("网关发来的文件无法使用", _LOOK_AT_GATEWAY),
    ConnectError: ReasonWords(
        "没能连上 {where}", "请确认网关在运行，并检查 URL 是否正确"
    ),
    HandshakeRefused: ReasonWords(
        "{where} 有应答{http}，但没有给出可用的连接",
        "请检查 URL 和其中的路径是不是这个网关的",
    ),
    ConnectTimedOut: ReasonWords(
        "没能及时连上 {where}{step}", "请确认网关在运行，并检查到它的网络是否通畅"
    ),
    NamespaceRefused: ReasonWords(
        "网关 {where} 没有这个命名空间", "请改正 URL 里的路径"
    ),
    AuthKeyInvalid: ReasonWords("网关 {where} 不接受这个授权码", "请改正授权码"),
    AuthKeyInUse: ReasonWords(
        "另一个连接正在 {where} 使用这个授权码", "请停掉正在用它的那个程序"
    ),
    AuthKeyExpired: ReasonWords("{where} 的授权码已经过期", "请换一个授权码"),
    Disconnected: ReasonWords("连接断了：{loss}", _LOOK_AT_GATEWAY),
    TakenOver: ReasonWords(
        "另一个程序接管了这个账号，现在由它在用", "这两个程序请停掉一个"
    ),
    CallError: ReasonWords("{command}没有成功", _LOOK_INTO_LOG),
    CallRejected: ReasonWords("网关拒绝了{command}{status}", _LOOK_INTO_LOG),
    NotInRoom: ReasonWords("这个账号不在群里", "在手机上看看它是退群了还是被移出了"),
    NotSent: ReasonWords("{command}没能发出去", _LOOK_INTO_LOG),
    OutcomeUnknown: ReasonWords("网关没有答复{command}{outcome}", _LOOK_AT_GATEWAY),
    StillUnknown: ReasonWords(
        "{command}以前用这个键发送过，结果不明", "看看它是否已经执行，然后了结这个键"
    ),
    LoginError: ReasonWords("账号没能登录", _LOOK_INTO_LOG),
    QRCodeExpired: ReasonWords("二维码过期之前没有人扫", _SCAN),
    LoginDeclined: ReasonWords("扫码以后登录被拒绝了", f"{_SCAN}，并看看手机上的提示"),
    LoginCancelled: ReasonWords("有人在手机上取消了登录", _SCAN),
    LoginTokenExpired: ReasonWords("保存的登录信息已经失效", _SCAN),
    LoggedOut: ReasonWords(
        "账号被退出登录了，可能是在手机上，也可能是微信退出的",
        f"看看手机上的提示，并{_SCAN}",
    ),
    LoginFailedOften: ReasonWords("短时间内登录失败的次数太多", _LOOK_INTO_LOG),
    NeedsHuman: ReasonWords("需要人来处理", _LOOK_INTO_LOG),
    StoreError: ReasonWords("存储文件 {where} 无法使用", _LOOK_INTO_LOG),
    StoreLocked: ReasonWords(
        "另一个进程正在使用存储文件 {where}", "停掉那个进程，或者换一个存储文件"
    ),
    StoreDamaged: ReasonWords(
        "存储文件 {where} 损坏了", "换回一份完好的备份，或者把它移走，重新开始"
    ),
    StoreReadOnly: ReasonWords(
        "存储文件 {where} 无法写入", "让运行服务的用户可以写这个文件和它的目录"
    ),
    StoreExposed: ReasonWords(
        "别人也能读存储文件 {where}", "日志里写明了应当执行的命令"
    ),
    StoreSealed: ReasonWords(
        "存储文件 {where} 是加密的，给出的密钥不对", "给出日志里写明指纹的那个密钥"
    ),
    SchemaTooNew: ReasonWords(
        "存储文件 {where} 是更新的版本写的",
        "安装更新的 padchat-twisted，或者换一个存储文件",
    ),
    DeviceInUse: ReasonWords(
        "存储文件 {where} 里的账号 {other} 用着同样的设备数据",
        "给每个账号各自的设备数据；不写的话会自动生成",
    ),
    ConfigurationError: ReasonWords(
        "配置文件 {where} 有问题", "用 padchat check 找出问题并改正"
    ),
}

CHINESE = Sentences(
    head="{name} {what}（状态 {state}），从 {at} 开始，已有 {ago}。",
    head_alone="{name} {what}（状态 {state}）。",
    outage="它在 {at} 之前一直就绪，后来{why}。",
    reason="原因（{at}）：{why}。",
    latest="最近一次问题（{at}）：{why}。",
    code="需要扫码，因为{why}。",
    attempts="到现在已经尝试连接 {count} 次。",
    away="在这之前，从 {at} 起有 {time}不在线：{why}。",
    unheard="从 {at} 起网关一直没有完成 {command}，可能缺少消息或联系人；会自动再问。",
    next="接下来：{next}。",
    do="建议：{do}。",
    then="{do}；然后{after}",
    nothing="不需要做什么",
    units=(
        (86400, "{} 天", "{} 天"),
        (3600, "{} 小时", "{} 小时"),
        (60, "{} 分钟", "{} 分钟"),
        (1, "{} 秒", "{} 秒"),
    ),
    between=" ",
    states=_STATES,
    unknown_state=StateWords("处在一个没有说明的状态", "不清楚"),
    reasons=_REASONS,
    hops={
        "name": ReasonWords(
            "查不到 {where} 的域名", "请检查 URL 的拼写，以及这台机器的域名解析"
        ),
        "TCP": ReasonWords(
            "{where} 没有接受连接", "请启动网关，或改正 URL；检查中间有没有防火墙"
        ),
        "proxy": ReasonWords(
            "代理没有打通到 {where} 的路", "请确认代理在运行，并且允许这个程序通过"
        ),
        "TLS": ReasonWords(
            "没能和 {where} 建立加密连接（TLS）", "请检查网关的证书是不是所信任的那个"
        ),
        "HTTP": ReasonWords(
            "{where} 有应答{http}，但不像是网关",
            "请检查 URL 和其中的路径是不是这个网关的",
        ),
        "WebSocket": ReasonWords(
            "{where} 没有打开 WebSocket{http}",
            "请检查中间的设备是否允许 WebSocket，或者把 transport 设为 polling",
        ),
        "Engine.IO": ReasonWords(
            "{where} 不讲所期望的 Engine.IO 版本{http}",
            '请把 revision 设为 3、4 或 "auto"',
        ),
        "namespace": ReasonWords(
            "{where} 没有打开命名空间", "请检查 URL 里的路径是不是网关的命名空间"
        ),
        "authentication": ReasonWords(
            "{where} 没有接受授权码就关闭了连接", "请检查授权码是否正确"
        ),
    },
    losses={
        "": "原因不明",
        "aborted": "本程序断开了它",
        "forced close": "网关关闭了它",
        "forced server close": "网关关闭了它",
        "io client disconnect": "本程序离开了",
        "io server disconnect": "网关结束了它",
        "login timeout": "网关没有及时确认登录",
        "no answer": "连接还在，但网关不作任何答复",
        "no way to WeChat": "发给文件传输助手的便条没有到达微信",
        "silent": "这个账号安静的时间比平常长",
        "parse error": "收到了无法解析的内容",
        "ping timeout": "网关不再回应心跳",
        "task closed": "网关关闭了这个账号的任务",
        "the session was closed": "本程序关闭了会话",
        "timeout": "对方没有及时应答",
        "transport close": "网关或途中的网络把它切断了",
        "transport error": "网关或途中的网络出了错",
    },
    outcomes={
        "cancelled": "，本程序也没有等下去",
        "connection lost": "，连接就断了",
        "time limit": "，超过了时限",
    },
    step="（停在 {hop} 这一步）",
    http="（HTTP 状态码 {status}）",
    status="（状态码 {status}）",
    command="一条命令",
    named="命令“{command}”",
    no_login="没有保存的登录信息",
    login_refused="保存的登录信息没有被接受",
    was_closed="本程序关闭了它",
    phone_may_ask="看看这个账号的手机：它可能在请您确认登录",
    stored=StoredWords(
        nobody="没有服务在 {socket} 应答。以下是存储文件 {store} 里的记录。",
        no_store="没有服务在 {socket} 应答，存储文件 {store} 也不存在：还没有账号用它"
        "登录过。",
        no_account="{name} 不在线，存储文件里没有它的记录：从没用这个文件启动过。",
        place="它属于 {gateway}。",
        saved="{name} 不在线，有保存的登录信息。",
        never_saved="{name} 不在线，从来没有用这个存储文件登录过。",
        void="{name} 不在线，保存的登录信息已经失效：{why}。",
        reasons={
            "": "网关不再接受它",
            "logged out": "账号被退出登录了，可能是在手机上，也可能是微信退出的",
            "logout": "有命令让账号退出了登录",
            "nobody confirmed it on the phone": "没有人在手机上确认",
            "the gateway asks for a scan": "网关要求扫码",
        },
        has_device="设备数据还在，所以微信认得这个设备。",
        no_device="还没有设备数据，第一次启动时会生成。",
        do=("启动服务，它会自己登录", f"启动服务，并{_SCAN}"),
    ),
)
