/// Everything that the app says, by name. The texts are in `Resources/*.lproj/Localizable.strings`; `{0}`, `{1}` … stand for
/// what ``Words`` puts in. None of them depends on a number's grammar, so that one form is enough.
public enum Phrase: String, CaseIterable, Sendable {
    // MARK: Everywhere
    case cancel
    case back
    case tryAgain
    case yes
    case no
    case syncNow
    case outboxEmpty
    case outbox
    case withFiles
    case serverNotReached
    case exchanged
    case syncNoAnswer
    case syncFailed
    case starting
    case unlockFirst
    case cannotStart
    case covered
    case more

    // MARK: Enrol
    case enrolTitle
    case enrolIntro
    case enrolScan
    case enrolOtherQr
    case enrolFilledIn
    case enrolServer
    case enrolCode
    case enrolDo
    case enrolBusy
    case welcome
    case enrolledAlready
    case enrolOffline
    case enrolRefused
    case enrolFailed
    case serverNotRemembered

    // MARK: Beside the app, while a day runs
    case boardNext
    case boardNoneLeft
    case boardLeft

    // MARK: Today
    case today
    case noRoute
    case dayNotStarted
    case dayStarted
    case dayOver
    case startDay
    case search
    case noStopFound
    case openStops
    case list
    case listOrMap
    case mapOf
    case stopsDone
    case handedOverCount
    case notDeliveredCount
    case confirmedCount
    case oneParcel
    case parcels
    case nextStop
    case doneAbout
    case otherOrder
    case takeOrder
    case keepMine
    case logOut
    case logOutSure
    case saveAndLogOut
    case unsent
    case exportKept
    case exportHand
    case nearStop
    case notThere

    // MARK: Stop
    case stopNo
    case youAreHere
    case notArrived
    case iAmHere
    case flat
    case timeWindow
    case wayIn
    case inTheVan
    case arrival
    case comesNext
    case comesEarlier
    case comesLater
    case comesAnHourLater
    case comesLast
    case doors
    case scannedOf
    case fromSender
    case attemptNo
    case notOnRoute
    case map
    case call
    case callTo
    case noDialler

    // MARK: Door
    case door
    case stepScan
    case stepCode
    case stepReceiver
    case stepProof
    case stepExit
    case stepDone
    case barcode
    case takeBarcode
    case scanWithCamera
    case cameraRefused
    case isScanned
    case notScanned
    case goToStop
    case digitsEntered
    case deleteDigit
    case enterCode
    case scanQr
    case showCard
    case cardLanguage
    case askNewCode
    case newCodeMailed
    case scanBeforeReceiver
    case mayReceive
    case mayNotReceive
    case formName
    case formRelation
    case formFlat
    case formNote
    case formOfficeNote
    case letSign
    case signHere
    case signAgain
    case takeSignature
    case takePhoto
    case removeFile
    case sayWhyWithout
    case handOver
    case recordNotDelivered
    case noParcelChosen
    case undo
    case undoHint
    case addProof
    case changed

    // MARK: Van
    case loadCheck
    case loadScanned
    case loadRecord
    case loadDropLast
    case loadResult
    case loadMissing
    case loadForeign
    case vanParcel
    case returnCheck
    case stillOpen
    case returnMarked
    case returnRecord
    case notInVan
    case isBack
    case isNotBack

    // MARK: Day end
    case dayEnd
    case dayRuns
    case dayIsOver
    case rowStops
    case rowParcels
    case rowProvisional
    case rowJudged
    case rowOutbox
    case valueStops
    case valueParcels
    case valueProvisional
    case valueJudged
    case valueOutboxEmpty
    case valueOutbox
    case closeDay
    case closeDayQuestion

    // MARK: What is on this phone
    case onThisPhone
    case nothingPersonal
    case shareWithSupport
    case rowCourier
    case rowInstallation
    case rowKey
    case rowFacts
    case rowHowFar
    case rowFiles
    case rowOldest
    case valueMinutesAgo
    case rowTries
    case rowSigned
    case rowTime
    case rowEpoch
    case rowSqlite
    case rowRoute
    case rowLane
    case rowVersion
    case nobody
    case valueInstallation
    case valueFacts
    case valueWaiting
    case valueSqlite
    case valueRoute
    case laneFine
    case laneAsking
    case laneFailed

    // MARK: Settings
    case settings
    case language
    case languageOfPhone
    case languageDe
    case languageEn
    case languageLater
    case notStored
    case look
    case lookLight
    case lookDark
    case otherOrderWhen
    case orderStrict
    case orderNormal
    case orderFree
}
